package io.millrace.compaction.key;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A bounded table of the newest offset of each key. Open addressing by 128 bits of SHA-256 makes
 * collisions negligible, even with chosen keys. One owner.
 */
public final class KeyOffsetTable {

    record KeyHash(long high, long low) {}

    private static final int ENTRY_BYTES = 3 * Long.BYTES;

    /** Keeps probing short. */
    private static final int MAX_FILL_QUARTERS = 3;

    private final MessageDigest digest;
    private final long[] high;
    private final long[] low;

    /** Offsets plus 1; 0 marks a free entry. */
    private final long[] offsets;

    private final int max;
    private int count;

    KeyOffsetTable(int max) {
        int places = Math.toIntExact(Math.ceilDiv(4L * max, MAX_FILL_QUARTERS) + 1);
        this.max = max;
        high = new long[places];
        low = new long[places];
        offsets = new long[places];
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** Returns the number of keys that fit into the memory, from 1 to 2^28. */
    public static int capacity(long bytes) {
        return (int) Math.clamp(bytes / ENTRY_BYTES * MAX_FILL_QUARTERS / 4, 1, 1 << 28);
    }

    KeyHash hash(int partition, ByteBuffer bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, partition));
        digest.update(bytes.duplicate());
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        return new KeyHash(hash.getLong(0), hash.getLong(Long.BYTES));
    }

    /** Returns false without a change if the table is full. */
    boolean put(KeyHash key, long offset) {
        int place = indexOf(key);
        if (offsets[place] == 0) {
            if (count == max) {
                return false;
            }
            count++;
            high[place] = key.high();
            low[place] = key.low();
        }
        offsets[place] = Math.max(offsets[place], offset + 1);
        return true;
    }

    long newestOffset(KeyHash key) {
        return offsets[indexOf(key)] - 1;
    }

    /** Returns the index of the key's entry or of a free entry. */
    private int indexOf(KeyHash key) {
        int place = (int) Long.remainderUnsigned(key.low(), offsets.length);
        while (offsets[place] != 0 && (high[place] != key.high() || low[place] != key.low())) {
            place = place + 1 == offsets.length ? 0 : place + 1;
        }
        return place;
    }
}
