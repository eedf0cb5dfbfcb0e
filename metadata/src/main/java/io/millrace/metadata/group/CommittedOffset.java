package io.millrace.metadata.group;

/**
 * How far a group has got in a partition.
 *
 * @param offset of the next record that it wants; not negative
 * @param leaderEpoch that a Kafka client gave with it; -1 if none
 * @param text that the member gave with it; may be empty
 */
public record CommittedOffset(long offset, int leaderEpoch, String text) {

    public CommittedOffset {
        GroupLimits.wellFormed(text);
        if (offset < 0 || leaderEpoch < -1) {
            throw new IllegalArgumentException("offset %d of %d".formatted(offset, leaderEpoch));
        }
    }
}
