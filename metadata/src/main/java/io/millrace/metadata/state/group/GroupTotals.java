package io.millrace.metadata.state.group;

/** The totals that count against the limits on all groups. Each part of the state updates them. */
final class GroupTotals {

    /** Pages of partitions, see {@link GroupPartitions}. */
    int pages;

    /** Bytes of details and assignments, plus characters of texts. */
    long bytes;
}
