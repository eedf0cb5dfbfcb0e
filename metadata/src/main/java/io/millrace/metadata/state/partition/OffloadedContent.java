package io.millrace.metadata.state.partition;

import io.millrace.metadata.feature.Digest;
import java.nio.ByteBuffer;

/**
 * The encoded extents of an offloaded range: each an i64 base offset, i32 object number, u32
 * position, i32 length, i64 largest timestamp. The object number stays valid, because offloaded
 * extents are references.
 */
final class OffloadedContent {

    static final int EXTENT_BYTES = 28;

    /** Maximum number of extents in a range, so that several ranges fit into one entry. */
    static final int MAX_EXTENTS = 8_192;

    private final ByteBuffer content;

    /**
     * @param content not modified after the call; validated by {@link #isEncodingOf}
     */
    OffloadedContent(byte[] content) {
        this.content = ByteBuffer.wrap(content);
    }

    static byte[] encode(ExtentList extents, int from, int to) {
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
     * Returns the sum of the extents' digests, so that digests of parts add up to that of the
     * whole.
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

    boolean isEncodingOf(int extents) {
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
