package io.millrace.metadata.state.partition;

import java.util.Arrays;

/**
 * Finds the first of a partition's extents that has a timestamp of some time or later. Timestamps
 * need not rise, so it keeps the largest so far for each block of extents, and looks through one
 * block in the end. One owner.
 */
final class TimestampIndex {

    /** A block is so many extents, 2 to this power. */
    private static final int BLOCK_SHIFT = 6;

    private static final long[] NONE = {};

    /** For each block, the largest timestamp in it and in all blocks before it. */
    private long[] throughMs = NONE;

    /**
     * An extent is new, or has grown.
     *
     * @param first the first that counts
     * @param extent the last that there is
     */
    void note(ExtentColumns extents, int first, int extent) {
        int block = extent >> BLOCK_SHIFT;
        if (block == throughMs.length) {
            throughMs = Arrays.copyOf(throughMs, 1 + block + (block >> 1));
        }
        long before =
                extent > Math.max(first, start(block))
                        ? throughMs[block]
                        : throughBlockBefore(block, first);
        throughMs[block] = Math.max(before, extents.maxTimestampMs(extent));
    }

    /** The extents are others, or have other numbers: they begin at 0 now. */
    void noteAll(ExtentColumns extents, int count) {
        throughMs = count == 0 ? NONE : new long[blocks(count)];
        for (int extent = 0; extent < count; extent++) {
            note(extents, 0, extent);
        }
    }

    /** What is gone must not count in the blocks behind it; they mostly know larger ones anyway. */
    void forgetBefore(ExtentColumns extents, int first, int end) {
        for (int block = first >> BLOCK_SHIFT; block < blocks(end); block++) {
            long through = throughBlockBefore(block, first);
            int endOfBlock = Math.min(end, start(block + 1));
            for (int i = Math.max(first, start(block)); i < endOfBlock; i++) {
                through = Math.max(through, extents.maxTimestampMs(i));
            }
            if (through == throughMs[block]) {
                return;
            }
            throughMs[block] = through;
        }
    }

    /** The first extent from one up to another with that time or a later one; else the other. */
    int firstAt(ExtentColumns extents, int first, int end, long timestampMs) {
        int low = first >> BLOCK_SHIFT;
        int high = blocks(end);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (throughMs[middle] >= timestampMs) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        for (int i = Math.max(first, start(low)); i < end; i++) {
            if (extents.maxTimestampMs(i) >= timestampMs) {
                return i;
            }
        }
        return end;
    }

    private long throughBlockBefore(int block, int first) {
        return block <= first >> BLOCK_SHIFT ? Long.MIN_VALUE : throughMs[block - 1];
    }

    private static int start(int block) {
        return block << BLOCK_SHIFT;
    }

    private static int blocks(int extents) {
        return (extents + (1 << BLOCK_SHIFT) - 1) >> BLOCK_SHIFT;
    }
}
