package io.millrace.group.admin;

/** The new position of a group in a partition. */
public sealed interface ResetTarget {

    record Earliest() implements ResetTarget {}

    record Latest() implements ResetTarget {}

    record Offset(long offset) implements ResetTarget {}

    /**
     * The first record of this time or later, in milliseconds since 1970; without such a record,
     * the end.
     */
    record Time(long timestampMs) implements ResetTarget {}

    /** A distance from the committed offset; negative to move backwards. */
    record Relative(long offsets) implements ResetTarget {}
}
