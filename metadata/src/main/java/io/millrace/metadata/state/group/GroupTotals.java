package io.millrace.metadata.state.group;

/** How much of the limits on all groups is taken. Kept by the parts as they change. */
final class GroupTotals {

    /** Of partitions, see {@link GroupPartitions}. */
    int pages;

    /** Of details and assignments, and characters of texts. */
    long bytes;
}
