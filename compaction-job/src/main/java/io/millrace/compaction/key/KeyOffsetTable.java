package io.millrace.compaction.key;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The newest offset of every key, in bounded memory: open addressing by 128 bits of the key's
 * SHA-256, which no two keys share by chance or by design. One owner.
 */
public final class KeyOffsetTable {

    /** A key of a partition. */
    record Key(long high, long low) {}

    /** Bytes of a key's place. */
    private static final int ENTRY_BYTES = 3 * Long.BYTES;

    /** Of four places at most three are taken, so that a search ends soon. */
    private static final int OF_FOUR = 3;

    private final MessageDigest digest;
    private final long[] high;
    private final long[] low;

    /** One more than the offset, so that 0 is free. */
    private final long[] offsets;

    private final int max;
    private int count;

    /**
     * @param max keys, at least 1
     */
    KeyOffsetTable(int max) {
        int places = Math.toIntExact(Math.ceilDiv(4L * max, OF_FOUR) + 1);
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

    /** How many keys there is room for in so many bytes. */
    public static int maxIn(long bytes) {
        return (int) Math.clamp(bytes / ENTRY_BYTES * OF_FOUR / 4, 1, 1 << 28);
    }

    /** Identifies a key; not thread-safe either. */
    Key key(int partition, ByteBuffer bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, partition));
        digest.update(bytes.duplicate());
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        return new Key(hash.getLong(0), hash.getLong(Long.BYTES));
    }

    /**
     * A record has that key.
     *
     * @return false, and nothing changes, if there is no room for another key
     */
    boolean put(Key key, long offset) {
        int place = place(key);
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

    /** The newest offset; -1 if there is none. */
    long newest(Key key) {
        return offsets[place(key)] - 1;
    }

    /** Where the key is, or would be. */
    private int place(Key key) {
        int place = (int) Long.remainderUnsigned(key.low(), offsets.length);
        while (offsets[place] != 0 && (high[place] != key.high() || low[place] != key.low())) {
            place = place + 1 == offsets.length ? 0 : place + 1;
        }
        return place;
    }
}
