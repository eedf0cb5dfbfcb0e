package io.millrace.protocol.batch;

/**
 * Checks the sizes that a snappy stream claims. Decoders allocate by these sizes before they read a
 * block. Pure.
 */
public final class SnappyBlocks {

    /** The largest block that a decoder of whole batches allocates. */
    private static final int MAX_BLOCK_BYTES = 64 << 20;

    private static final long MAGIC = 0x82_53_4E_41_50_50_59_00L;
    private static final int HEADER_BYTES = 16;

    /** The ratio of raw snappy is at most 64 bytes for 3. */
    private static final int MAX_RATIO = 22;

    private SnappyBlocks() {}

    /**
     * Returns whether a decoder can read the stream with blocks of at most {@code maxBlockBytes}
     * each. A stream without the header of snappy-java is one raw block.
     */
    public static boolean areWithin(byte[] array, int from, int to, int maxBlockBytes) {
        if (to - from < HEADER_BYTES || longAt(array, from) != MAGIC) {
            return isWithin(array, from, to, maxBlockBytes);
        }
        for (int at = from + HEADER_BYTES; at < to; ) {
            long end = at + 4L + (to - at < 4 ? to : intAt(array, at));
            if (end <= at + 4L || end > to || !isWithin(array, at + 4, (int) end, maxBlockBytes)) {
                return false;
            }
            at = (int) end;
        }
        return true;
    }

    /**
     * Requires that a decoder can read the batch with blocks of at most 64 MiB, if it is compressed
     * with snappy. The decoder throws an {@link Error} at a damaged size.
     *
     * @throws IllegalArgumentException if a block is too large, or its size damaged
     */
    public static void require(byte[] batch) {
        if (BatchHeader.compression(batch, 0) == CompressionCodec.SNAPPY.id()
                && !areWithin(batch, BatchHeader.BYTES, batch.length, MAX_BLOCK_BYTES)) {
            throw new IllegalArgumentException("a snappy block is too large, or its size damaged");
        }
    }

    private static boolean isWithin(byte[] array, int from, int to, int maxBlockBytes) {
        long plain = 0;
        for (int at = from, shift = 0; at < to && shift < 35; at++, shift += 7) {
            plain |= (long) (array[at] & 0x7f) << shift;
            if (array[at] >= 0) {
                return plain <= Math.min(maxBlockBytes, (long) MAX_RATIO * (to - from));
            }
        }
        return false;
    }

    private static long longAt(byte[] array, int at) {
        return (long) intAt(array, at) << 32 | intAt(array, at + 4) & 0xffff_ffffL;
    }

    private static int intAt(byte[] array, int at) {
        return (array[at] & 0xff) << 24
                | (array[at + 1] & 0xff) << 16
                | (array[at + 2] & 0xff) << 8
                | array[at + 3] & 0xff;
    }
}
