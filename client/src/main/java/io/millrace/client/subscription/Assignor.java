package io.millrace.client.subscription;

/**
 * Strategy that assigns a group's partitions to its members. All members of a group must use the
 * same one.
 */
public enum Assignor {
    /** Balances the partitions with as few moves as possible. */
    STICKY,
    /**
     * Assigns each member a range of consecutive partitions, with the same numbers for each topic;
     * suits joins.
     */
    RANGE,
    /**
     * Works like {@link #STICKY}, but prefers a member in the zone of the node that serves the
     * partition best, as far as the balance permits.
     */
    ZONE_AWARE
}
