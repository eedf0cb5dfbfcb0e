package io.millrace.metadata.state.partition;

import java.util.Arrays;

/**
 * An index that finds a partition's first extent with a timestamp of some time or later. Timestamps
 * need not rise, so the index keeps the running maximum for each block of extents and scans only
 * one block. One owner.
 */
final class TimestampIndex {

    /** The number of extents in a block, as a power of 2. */
    private static final int BLOCK_SHIFT = 6;

    private static final long[] NONE = {};

    /** For each block, the largest timestamp in this block and all earlier ones. */
    private long[] runningMaxMs = NONE;

    /**
     * Updates the index for a new or grown extent.
     *
     * @param first the first live extent
     * @param extent the last extent
     */
    void update(ExtentColumns extents, int first, int extent) {
        int block = extent >> BLOCK_SHIFT;
        if (block == runningMaxMs.length) {
            runningMaxMs = Arrays.copyOf(runningMaxMs, 1 + block + (block >> 1));
        }
        long before =
                extent > Math.max(first, start(block))
                        ? runningMaxMs[block]
                        : throughBlockBefore(block, first);
        runningMaxMs[block] = Math.max(before, extents.maxTimestampMs(extent));
    }

    /**
     * Rebuilds the index after a change of the extents or of their indexes, which start at 0 now.
     */
    void rebuild(ExtentColumns extents, int count) {
        runningMaxMs = count == 0 ? NONE : new long[blocks(count)];
        for (int extent = 0; extent < count; extent++) {
            update(extents, 0, extent);
        }
    }

    /**
     * Removes dropped extents from the maxima of later blocks. Most later maxima are larger anyway.
     */
    void removeBefore(ExtentColumns extents, int first, int end) {
        for (int block = first >> BLOCK_SHIFT; block < blocks(end); block++) {
            long through = throughBlockBefore(block, first);
            int endOfBlock = Math.min(end, start(block + 1));
            for (int i = Math.max(first, start(block)); i < endOfBlock; i++) {
                through = Math.max(through, extents.maxTimestampMs(i));
            }
            if (through == runningMaxMs[block]) {
                return;
            }
            runningMaxMs[block] = through;
        }
    }

    /**
     * Returns the first extent from {@code first} on with this timestamp or a later one; {@code
     * end} if none.
     */
    int firstAtTime(ExtentColumns extents, int first, int end, long timestampMs) {
        int low = first >> BLOCK_SHIFT;
        int high = blocks(end);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (runningMaxMs[middle] >= timestampMs) {
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
        return block <= first >> BLOCK_SHIFT ? Long.MIN_VALUE : runningMaxMs[block - 1];
    }

    private static int start(int block) {
        return block << BLOCK_SHIFT;
    }

    private static int blocks(int extents) {
        return (extents + (1 << BLOCK_SHIFT) - 1) >> BLOCK_SHIFT;
    }
}
