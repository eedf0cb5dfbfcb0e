package io.millrace.compaction.merge;

import java.time.Duration;

/**
 * When objects are merged, and what for.
 *
 * @param blockBytes WAL blocks are merged when there are so many bytes of them
 * @param delay or when the oldest of them is of this age
 * @param fanIn segments of about one size are merged when there are so many
 * @param segmentBytes what a segment has at most, more or less; one of half of it or more is large
 *     and is merged no further
 * @param mostInputs objects in one merge
 * @param windowBytes memory for what is read of all inputs of a merge, below 2 GiB
 * @param partBytes what is uploaded at a time; as much is being filled meanwhile
 * @param interval from the end of a look at what is due to the start of the next
 */
public record MergeSettings(
        long blockBytes,
        Duration delay,
        int fanIn,
        long segmentBytes,
        int mostInputs,
        long windowBytes,
        int partBytes,
        Duration interval) {

    /** What a reader who begins anywhere walks through at most, unless one batch is larger. */
    static final int EXTENT_BYTES = 4 << 20;

    public MergeSettings {
        if (blockBytes < 1
                || segmentBytes < 1
                || segmentBytes > MOST_SEGMENT_BYTES
                || fanIn < 2
                || mostInputs < fanIn) {
            throw new IllegalArgumentException("merge sizes");
        }
    }

    /** Positions in a segment have 32 bits, and it may become a bit larger than is wanted. */
    public static final long MOST_SEGMENT_BYTES = 2L << 30;

    /**
     * Those sizes, and for the rest what suits a process of 768 MiB.
     *
     * @param memoryBytes for one merge
     */
    public static MergeSettings of(
            long blockBytes,
            Duration delay,
            int fanIn,
            long segmentBytes,
            long memoryBytes,
            Duration interval) {
        int partBytes = (int) Math.clamp(memoryBytes / 4, 5 << 20, 80 << 20);
        return new MergeSettings(
                blockBytes,
                delay,
                fanIn,
                segmentBytes,
                Math.max(fanIn, 1_000),
                Math.clamp(memoryBytes - 2L * partBytes, 1, Integer.MAX_VALUE - 64),
                partBytes,
                interval);
    }
}
