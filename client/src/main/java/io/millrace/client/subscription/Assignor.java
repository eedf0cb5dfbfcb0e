package io.millrace.client.subscription;

/** How a group's partitions are shared out. The members of a group must agree on it. */
public enum Assignor {
    /** As evenly as can be, with as few moves as can be. */
    STICKY,
    /** Each member gets neighbouring partitions, the same numbers of each topic: for joins. */
    RANGE,
    /**
     * As {@link #STICKY}, but a partition goes to a member in the zone of the node that serves it
     * best, as far as the members stay even.
     */
    ZONE_AWARE
}
