package io.millrace.client.subscription;

/**
 * The strategy that assigns a group's partitions to its members. All members must use the same
 * strategy.
 */
public enum Assignor {
    /** Balances the partitions with as few moves as possible. */
    STICKY,
    /**
     * Assigns ranges of consecutive partitions, with the same numbers for each topic; suits joins.
     */
    RANGE,
    /**
     * Balances like {@link #STICKY}, but prefers members in the zone of the node that serves the
     * partition best.
     */
    ZONE_AWARE
}
