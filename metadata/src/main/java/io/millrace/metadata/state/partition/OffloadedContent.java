package io.millrace.metadata.state.partition;

import io.millrace.metadata.feature.Digest;
import java.nio.ByteBuffer;

/**
 * The encoded extents of an offloaded range, one after the other: i64 base offset, i32 object
 * number in the state, u32 position, i32 length, i64 largest timestamp. The object number stays
 * valid: an object keeps its number while referenced, and offloaded extents are references.
 */
final class OffloadedContent {

    /** The size of an encoded extent. */
    static final int EXTENT_BYTES = 28;

    /** Maximum number of extents in one range, so that several ranges always fit into one entry. */
    static final int MAX_EXTENTS = 8_192;

    private final ByteBuffer content;

    /**
     * @param content the bytes, which must not be modified any more; validated by {@link
     *     #isEncodingOf}
     */
    OffloadedContent(byte[] content) {
        this.content = ByteBuffer.wrap(content);
    }

    /** Encodes the extents {@code from} to {@code to}. */
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
     * Returns a digest for the comparison of in-memory and offloaded extents. The digest is a sum,
     * so that the digests of parts add up to that of the whole.
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

    /** Returns whether the bytes are the encoding of this number of extents. */
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
