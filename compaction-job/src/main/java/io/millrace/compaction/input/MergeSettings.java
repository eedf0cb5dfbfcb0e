package io.millrace.compaction.input;

import io.millrace.storage.object.PartedUpload;
import java.time.Duration;

/**
 * When objects are merged, and what for.
 *
 * @param blocks WAL blocks are merged when there are so many of them
 * @param blockBytes and so many bytes of them: few large ones may wait, for all that is written
 *     once more then
 * @param delay or when the oldest of them is of this age
 * @param fanIn segments of about one size are merged when there are so many, or enough for large
 *     ones in which partitions have long stretches
 * @param segmentBytes what a segment has at most, more or less; one of half of it or more is large
 *     and is merged no further
 * @param maxInputs objects in one merge; more where they are small
 * @param windowBytes memory for what is read of all inputs of a merge
 * @param writeBytes memory for what is written: a part that is uploaded, and what comes behind it
 * @param keyBytes memory for the keys of a pass over a compacted topic, out of that for what is
 *     written
 * @param bytesPerSecond what all merges of a node write at most; 0 for as much as they can
 * @param interval from the end of a look at what is due to the start of the next
 */
public record MergeSettings(
        int blocks,
        long blockBytes,
        Duration delay,
        int fanIn,
        long segmentBytes,
        int maxInputs,
        long windowBytes,
        long writeBytes,
        long keyBytes,
        long bytesPerSecond,
        Duration interval) {

    /** Below that, what a window costs besides its bytes would show. */
    private static final int MIN_WINDOW_BYTES = 16 << 10;

    /** An input of no more is read whole by one request, even among the most inputs. */
    public static final int READ_AT_ONCE_BYTES = 2 * MIN_WINDOW_BYTES;

    /** An array of more takes whole regions of a small heap. */
    private static final int MAX_WINDOW_BYTES = (512 << 10) - 64;

    /** More inputs in a merge save little, and each may have a connection. */
    private static final int USUAL_INPUTS = 256;

    /** Of blocks, each of which is a request, fewer make a segment that is worth writing. */
    private static final int USUAL_BLOCKS = 32;

    private static final int WRITING_CONNECTIONS = 8;

    /** What a reader who begins anywhere walks through at most, unless one batch is larger. */
    public static final int EXTENT_BYTES = 4 << 20;

    public MergeSettings {
        if (blocks < 1
                || blockBytes < 1
                || segmentBytes < 1
                || segmentBytes > MAX_SEGMENT_BYTES
                || fanIn < 2
                || keyBytes < 1
                || bytesPerSecond < 0
                || maxInputs < fanIn) {
            throw new IllegalArgumentException(
                    "merges of %d blocks of %d bytes, or %d to %d objects, into segments of %d bytes, at %d bytes a second"
                            .formatted(
                                    blocks,
                                    blockBytes,
                                    fanIn,
                                    maxInputs,
                                    segmentBytes,
                                    bytesPerSecond));
        }
    }

    /** What an input loads at a time: it holds two such windows. */
    int windowBytes(int inputs) {
        return (int) Math.clamp(windowBytes / (2L * inputs), MIN_WINDOW_BYTES, MAX_WINDOW_BYTES);
    }

    /**
     * Connections to the bucket that a merge may have open, and a pass over a compacted topic that
     * stands still meanwhile: for either one for each input, of which most wait for their turn, and
     * some for what it writes. With fewer, what is to go on could wait for those that wait.
     */
    public int connections() {
        return 2 * (maxInputs + WRITING_CONNECTIONS);
    }

    /**
     * The same in less memory, for a pass over a compacted topic and for what goes first in the
     * middle of one: so that there is memory for the keys, and for what is read of both.
     */
    public MergeSettings besideKeys() {
        return new MergeSettings(
                blocks,
                blockBytes,
                delay,
                fanIn,
                segmentBytes,
                maxInputs,
                windowBytes,
                writingBeside(windowBytes, writeBytes),
                keyBytes,
                bytesPerSecond,
                interval);
    }

    /** For what is written beside keys and the windows of two, and as much for the keys. */
    private static long writingBeside(long windowBytes, long writeBytes) {
        return Math.max((writeBytes - windowBytes) / 2, writeBytes / 4);
    }

    /** Positions in a segment have 32 bits, and it may become a bit larger than is wanted. */
    public static final long MAX_SEGMENT_BYTES = 2L << 30;

    /**
     * Those sizes, and for the rest what suits a process of 768 MiB.
     *
     * @param memoryBytes for one merge
     * @param bytesPerSecond for all of them, or 0
     */
    public static MergeSettings of(
            long blockBytes,
            Duration delay,
            int fanIn,
            long segmentBytes,
            long memoryBytes,
            long bytesPerSecond,
            Duration interval) {
        long windows = Math.max(memoryBytes / 6, 2L * MIN_WINDOW_BYTES * fanIn);
        long writes =
                Math.max(memoryBytes - windows, WriteMemory.minBytes(PartedUpload.MIN_PART_BYTES));
        return new MergeSettings(
                Math.min(fanIn, USUAL_BLOCKS),
                blockBytes,
                delay,
                fanIn,
                segmentBytes,
                Math.max(fanIn, (int) Math.min(windows / (2L * MIN_WINDOW_BYTES), USUAL_INPUTS)),
                windows,
                writes,
                writingBeside(windows, writes),
                bytesPerSecond,
                interval);
    }
}
