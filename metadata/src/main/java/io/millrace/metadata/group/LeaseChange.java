package io.millrace.metadata.group;

/**
 * Who is to have a partition from now on.
 *
 * @param member its id; empty for nobody
 */
public record LeaseChange(long topicId, int partition, String member) {

    public LeaseChange {
        GroupLimits.wellFormed(member);
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition);
        }
    }
}
