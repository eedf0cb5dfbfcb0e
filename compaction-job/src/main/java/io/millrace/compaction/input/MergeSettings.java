package io.millrace.compaction.input;

import io.millrace.storage.object.MultipartUpload;
import java.time.Duration;

/**
 * The settings of merges and key compaction.
 *
 * @param blocks minimum number of WAL blocks to merge
 * @param blockBytes minimum total size of WAL blocks to merge
 * @param delay age of the oldest WAL block after which blocks are merged in any case
 * @param fanIn number of segments of similar size to merge; fewer if long contiguous runs result
 * @param segmentBytes approximate maximum size of a segment; from half this size, segments are not
 *     merged further
 * @param maxInputs maximum number of inputs of a merge, except for small inputs
 * @param windowBytes memory for reading all inputs of a merge
 * @param writeBytes memory for the part being uploaded and following data
 * @param keyBytes memory for the key table, taken from {@code writeBytes}
 * @param bytesPerSecond maximum write rate of a node's merges; 0 for no limit
 * @param interval time from the end of a search for jobs to the start of the next
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

    /** Smaller windows have too much overhead. */
    private static final int MIN_WINDOW_BYTES = 16 << 10;

    /** Maximum size of an input that is always read with one request. */
    public static final int READ_AT_ONCE_BYTES = 2 * MIN_WINDOW_BYTES;

    /** Larger arrays take whole regions of a small heap. */
    private static final int MAX_WINDOW_BYTES = (512 << 10) - 64;

    /** Each input may have a connection. */
    private static final int DEFAULT_INPUTS = 256;

    /** Each block costs a request. */
    private static final int DEFAULT_BLOCKS = 32;

    private static final int WRITING_CONNECTIONS = 8;

    /** Readers scan an extent from its start. A single batch may be larger. */
    public static final int EXTENT_BYTES = 4 << 20;

    /**
     * Number of extents at which a job takes no further input, to limit the heap: a planned extent
     * takes about 150 bytes.
     */
    public static final int MAX_JOB_EXTENTS = 250_000;

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
                    ("invalid merge settings: %d blocks of %d bytes, %d to %d inputs,"
                                    + " segments of %d bytes, %d bytes per second")
                            .formatted(
                                    blocks,
                                    blockBytes,
                                    fanIn,
                                    maxInputs,
                                    segmentBytes,
                                    bytesPerSecond));
        }
    }

    /** An input holds two windows. */
    int windowBytes(int inputs) {
        return (int) Math.clamp(windowBytes / (2L * inputs), MIN_WINDOW_BYTES, MAX_WINDOW_BYTES);
    }

    /**
     * Returns the connections of a merge and a paused key compaction. With fewer connections, idle
     * inputs could block the next read.
     */
    public int connections() {
        return 2 * (maxInputs + WRITING_CONNECTIONS);
    }

    /** Returns settings with room for the key table and the read windows of two jobs. */
    public MergeSettings withKeyTable() {
        return new MergeSettings(
                blocks,
                blockBytes,
                delay,
                fanIn,
                segmentBytes,
                maxInputs,
                windowBytes,
                writeBytesWithKeyTable(windowBytes, writeBytes),
                keyBytes,
                bytesPerSecond,
                interval);
    }

    /** The key table gets the same amount. */
    private static long writeBytesWithKeyTable(long windowBytes, long writeBytes) {
        return Math.max((writeBytes - windowBytes) / 2, writeBytes / 4);
    }

    /** Positions have 32 bits, and a segment may slightly exceed its target. */
    public static final long MAX_SEGMENT_BYTES = 2L << 30;

    /**
     * Returns settings with defaults for a process of 768 MiB.
     *
     * @param memoryBytes memory of one merge
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
                Math.max(
                        memoryBytes - windows,
                        WriteMemory.minBytes(MultipartUpload.MIN_PART_BYTES));
        return new MergeSettings(
                Math.min(fanIn, DEFAULT_BLOCKS),
                blockBytes,
                delay,
                fanIn,
                segmentBytes,
                Math.max(fanIn, (int) Math.min(windows / (2L * MIN_WINDOW_BYTES), DEFAULT_INPUTS)),
                windows,
                writes,
                writeBytesWithKeyTable(windows, writes),
                bytesPerSecond,
                interval);
    }
}
