package io.millrace.metadata.group;

/** An offset to commit for a partition. */
public record OffsetCommit(long topicId, int partition, CommittedOffset committed) {

    public OffsetCommit {
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition);
        }
    }
}
