package io.millrace.group.admin;

/** The new position of a group in a partition. */
public sealed interface ResetTarget {

    /** The first readable offset. */
    record Earliest() implements ResetTarget {}

    /** The offset of the next record to be written. */
    record Latest() implements ResetTarget {}

    /** A given offset. */
    record Offset(long offset) implements ResetTarget {}

    /**
     * The first record of this time or later, in milliseconds since 1970; the end if there is none.
     */
    record Time(long timestampMs) implements ResetTarget {}

    /** A distance from the committed offset; negative to move backwards. */
    record Relative(long offsets) implements ResetTarget {}
}
