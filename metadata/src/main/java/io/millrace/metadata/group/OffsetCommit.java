package io.millrace.metadata.group;

/** The offset that is to count for a partition. */
public record OffsetCommit(long topicId, int partition, CommittedOffset committed) {

    public OffsetCommit {
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition);
        }
    }
}
