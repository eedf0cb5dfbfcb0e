package io.millrace.metadata.group;

/**
 * The assignment or revocation of a partition.
 *
 * @param member the new holder's id; empty to revoke
 */
public record LeaseChange(long topicId, int partition, String member) {

    public LeaseChange {
        GroupLimits.requireWellFormed(member);
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition);
        }
    }
}
