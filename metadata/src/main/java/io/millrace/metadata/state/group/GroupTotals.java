package io.millrace.metadata.state.group;

/** The totals that count against the limits of all groups. */
final class GroupTotals {

    /** See {@link GroupPartitions}. */
    int pages;

    /** Bytes of details and assignments, plus characters of texts. */
    long bytes;
}
