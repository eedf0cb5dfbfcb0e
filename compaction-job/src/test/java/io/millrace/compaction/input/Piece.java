package io.millrace.compaction.input;

import io.millrace.compaction.merge.WeekTopic;

/**
 * What lies of some neighbouring partitions of one topic in one object: of each the same stretch of
 * time, and so the same bytes.
 *
 * @param fromMs when its first record was stored
 * @param toMs and when the next one behind its last
 */
public record Piece(WeekTopic topic, int fromPartition, int toPartition, long fromMs, long toMs) {

    /** Extents that this is of each partition. */
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

    /** No more than there are batches. */
    public long extents() {
        return Math.min(partitions() * extentsEach(), batches());
    }

    /** Partitions of which it has a batch. */
    public long runs() {
        return Math.min(partitions(), batches());
    }

    private long batches() {
        return Math.max(1, bytes() / topic.batchBytes());
    }

    /** When the oldest extent goes of those that are there. */
    public long nextEndMs(long cutMs) {
        return fromMs + (dead(cutMs) + 1) * (toMs - fromMs) / extentsEach();
    }

    private long dead(long cutMs) {
        double share = (double) (cutMs - fromMs) / (toMs - fromMs);
        return Math.clamp((long) (share * extentsEach()), 0, extentsEach());
    }

    /** What is left when the extents are gone whose newest record is older than that. */
    public Piece since(long cutMs) {
        long from = fromMs + dead(cutMs) * (toMs - fromMs) / extentsEach();
        return new Piece(topic, fromPartition, toPartition, from, toMs);
    }

    public boolean isEmpty() {
        return fromMs >= toMs;
    }

    /** Ranges in which an input with that is read: around what is gone where that is much. */
    public int ranges(long cutMs) {
        double gone = topic.bytesPerMs() * (since(cutMs).fromMs() - fromMs);
        return gone > ReadRanges.GAP_BYTES ? partitions() : 0;
    }
}
