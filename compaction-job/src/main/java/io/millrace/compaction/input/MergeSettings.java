package io.millrace.compaction.input;

import io.millrace.storage.object.PartedUpload;
import java.time.Duration;

/**
 * Settings of merges and key compaction.
 *
 * @param blocks minimum number of WAL blocks to merge
 * @param blockBytes minimum total size of WAL blocks to merge; a few large blocks wait, because
 *     each merge is a further rewrite
 * @param delay age of the oldest WAL block after which blocks are merged in any case
 * @param fanIn number of segments of about one size that are merged; fewer if large segments with
 *     long contiguous runs result
 * @param segmentBytes approximate maximum size of a segment; segments of at least half this size
 *     are large and are merged no further
 * @param maxInputs maximum number of inputs of a merge; more small ones
 * @param windowBytes memory for reading all inputs of a merge
 * @param writeBytes memory for writing: the part being uploaded and following data
 * @param keyBytes memory for the key table of a key compaction, taken from that for writing
 * @param bytesPerSecond maximum write rate of all merges of a node; 0 for no limit
 * @param interval time from the end of a search for due jobs to the start of the next
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

    /** Minimum size of a read window; in smaller ones the fixed overhead would matter. */
    private static final int MIN_WINDOW_BYTES = 16 << 10;

    /**
     * Maximum size of an input that is read with one request, even with the maximum number of
     * inputs.
     */
    public static final int READ_AT_ONCE_BYTES = 2 * MIN_WINDOW_BYTES;

    /** Maximum size of a read window; larger arrays take whole regions of a small heap. */
    private static final int MAX_WINDOW_BYTES = (512 << 10) - 64;

    /** Default maximum number of inputs: each may have a connection, and more would save little. */
    private static final int DEFAULT_INPUTS = 256;

    /**
     * Default minimum number of blocks: each costs a request, and fewer make a segment worth
     * writing.
     */
    private static final int DEFAULT_BLOCKS = 32;

    private static final int WRITING_CONNECTIONS = 8;

    /**
     * Maximum size of an extent, which a reader scans from its start; a single batch may be larger.
     */
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

    /** Returns the size of a read window; an input holds two. */
    int windowBytes(int inputs) {
        return (int) Math.clamp(windowBytes / (2L * inputs), MIN_WINDOW_BYTES, MAX_WINDOW_BYTES);
    }

    /**
     * Returns the maximum number of connections of a merge together with a paused key compaction:
     * one per input, mostly idle, and some for writes. With fewer, idle connections could block the
     * next read.
     */
    public int connections() {
        return 2 * (maxInputs + WRITING_CONNECTIONS);
    }

    /**
     * Returns settings with less memory for writing, for a key compaction and for merges that
     * interrupt the run, to leave room for the key table and both read windows.
     */
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

    /**
     * Returns the memory for writing beside the key table, which gets the same amount, and the read
     * windows of two jobs.
     */
    private static long writeBytesWithKeyTable(long windowBytes, long writeBytes) {
        return Math.max((writeBytes - windowBytes) / 2, writeBytes / 4);
    }

    /**
     * Maximum segment size: positions have 32 bits, and a segment may slightly exceed its target.
     */
    public static final long MAX_SEGMENT_BYTES = 2L << 30;

    /**
     * Returns settings with the given sizes, and defaults for a process of 768 MiB.
     *
     * @param memoryBytes memory of one merge
     * @param bytesPerSecond maximum write rate of all merges; 0 for no limit
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
