package io.millrace.metadata.state.partition;

import java.util.Arrays;

/**
 * An index for a partition's first extent with a timestamp of some time or later. Timestamps need
 * not rise, so the index keeps the running maximum of blocks of extents and scans one block. One
 * owner.
 */
final class TimestampIndex {

    /** Log2 of the extents per block. */
    private static final int BLOCK_SHIFT = 6;

    private static final long[] NONE = {};

    /** For each block, the largest timestamp up to its end. */
    private long[] runningMaxMs = NONE;

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

    /** Rebuilds the index for extents from 0. */
    void rebuild(ExtentColumns extents, int count) {
        runningMaxMs = count == 0 ? NONE : new long[blocks(count)];
        for (int extent = 0; extent < count; extent++) {
            update(extents, 0, extent);
        }
    }

    /** Removes dropped extents from the maxima. Stops at the first unchanged maximum. */
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

    /** Returns the first extent with a timestamp of this time or later; {@code end} if none. */
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

    /** Returns the largest timestamp; the minimum without extents. */
    long maxMs(int first, int end) {
        return first == end ? Long.MIN_VALUE : runningMaxMs[blocks(end) - 1];
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
