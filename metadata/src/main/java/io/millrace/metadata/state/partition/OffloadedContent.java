package io.millrace.metadata.state.partition;

import io.millrace.metadata.feature.Digest;
import java.nio.ByteBuffer;

/**
 * Extents as they lie in a manifest, one behind the other: i64 base offset, i32 the object's number
 * in the state, u32 position, i32 length, i64 largest timestamp. An object keeps its number as long
 * as anything names it, and what is shelved does.
 */
final class OffloadedContent {

    /** Bytes of an extent. */
    static final int EXTENT_BYTES = 28;

    /** So many extents at most are one row: those of a few rows fit into an entry in any case. */
    static final int MAX_EXTENTS = 8_192;

    private final ByteBuffer content;

    /**
     * @param content not changed any more; whole extents, or whatever else it may be
     */
    OffloadedContent(byte[] content) {
        this.content = ByteBuffer.wrap(content);
    }

    /** The bytes of extents from one up to another. */
    static byte[] of(ExtentList extents, int from, int to) {
        ByteBuffer out = ByteBuffer.allocate((to - from) * EXTENT_BYTES);
        for (int i = from; i < to; i++) {
            out.putLong(extents.baseOffset(i))
                    .putInt(extents.objectNumber(i))
                    .putInt((int) extents.position(i))
                    .putInt(extents.length(i))
                    .putLong(extents.maxTimestampMs(i));
        }
        return out.array();
    }

    /**
     * By which extents in memory and those in a manifest are known to be the same: a sum, so that
     * of the digests of parts comes that of the whole.
     */
    long digest() {
        long sum = 0;
        for (int i = 0; i < count(); i++) {
            Digest digest = new Digest(baseOffset(i));
            digest.add(((long) objectNumber(i) << 32) | position(i));
            digest.add(length(i));
            digest.add(maxTimestampMs(i));
            sum += digest.value();
        }
        return sum;
    }

    /** Whether the bytes are those of so many extents. */
    boolean holds(int extents) {
        return content.remaining() == (long) extents * EXTENT_BYTES;
    }

    int count() {
        return content.remaining() / EXTENT_BYTES;
    }

    long baseOffset(int i) {
        return content.getLong(i * EXTENT_BYTES);
    }

    int objectNumber(int i) {
        return content.getInt(i * EXTENT_BYTES + 8);
    }

    long position(int i) {
        return Integer.toUnsignedLong(content.getInt(i * EXTENT_BYTES + 12));
    }

    int length(int i) {
        return content.getInt(i * EXTENT_BYTES + 16);
    }

    long maxTimestampMs(int i) {
        return content.getLong(i * EXTENT_BYTES + 20);
    }
}
