package io.millrace.metadata.group;

/**
 * A group's committed offset in a partition.
 *
 * @param offset of the next record to read; not negative
 * @param leaderEpoch from a Kafka client; -1 if none
 * @param text the metadata that the member committed; may be empty
 */
public record CommittedOffset(long offset, int leaderEpoch, String text) {

    public CommittedOffset {
        GroupLimits.requireWellFormed(text);
        if (offset < 0 || leaderEpoch < -1) {
            throw new IllegalArgumentException("offset %d of %d".formatted(offset, leaderEpoch));
        }
    }
}
