package io.millrace.compaction.input;

import io.millrace.compaction.merge.WeekTopic;

/**
 * Model of the contents of an object in neighbouring partitions of one topic: the same time span
 * and size in each.
 *
 * @param fromMs upload time of the first record
 * @param toMs upload time of the first record after the piece
 */
public record Piece(WeekTopic topic, int fromPartition, int toPartition, long fromMs, long toMs) {

    /** Returns the number of extents per partition. */
    private long extentsEach() {
        return Math.max(1, Math.ceilDiv((long) bytesEach(), MergeSettings.EXTENT_BYTES));
    }

    private double bytesEach() {
        return topic.bytesPerMs() * (toMs - fromMs);
    }

    int partitions() {
        return toPartition - fromPartition;
    }

    public long bytes() {
        return (long) (bytesEach() * partitions());
    }

    /** Returns the number of extents, at most the number of batches. */
    public long extents() {
        return Math.min(partitions() * extentsEach(), batches());
    }

    /** Returns the number of partitions with at least one batch. */
    public long runs() {
        return Math.min(partitions(), batches());
    }

    private long batches() {
        return Math.max(1, bytes() / topic.batchBytes());
    }

    /** Returns the end of the retention of the oldest live extent. */
    public long nextEndMs(long cutMs) {
        return fromMs + (dead(cutMs) + 1) * (toMs - fromMs) / extentsEach();
    }

    private long dead(long cutMs) {
        double share = (double) (cutMs - fromMs) / (toMs - fromMs);
        return Math.clamp((long) (share * extentsEach()), 0, extentsEach());
    }

    /** Returns the rest after deletion of all extents with newest records before a time. */
    public Piece since(long cutMs) {
        long from = fromMs + dead(cutMs) * (toMs - fromMs) / extentsEach();
        return new Piece(topic, fromPartition, toPartition, from, toMs);
    }

    public boolean isEmpty() {
        return fromMs >= toMs;
    }

    /** Returns the number of additional ranges to read because of a large dead part. */
    public int ranges(long cutMs) {
        double gone = topic.bytesPerMs() * (since(cutMs).fromMs() - fromMs);
        return gone > ReadRanges.GAP_BYTES ? partitions() : 0;
    }
}
