package io.millrace.fetch.group;

/** How a group's partitions are shared out among its members. */
public enum Assignor {
    /** As evenly as can be, with few moves. */
    STICKY,
    /** Each member gets neighbouring partitions, the same numbers of each topic. */
    RANGE,
    /** As evenly as can be, then in the partition's zone as far as can be, then with few moves. */
    ZONE_AWARE
}
