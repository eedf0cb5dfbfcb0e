package io.millrace.group.admin;

/** Where a group is to go on in a partition. */
public sealed interface ResetTarget {

    /** The first offset that can be read. */
    record Earliest() implements ResetTarget {}

    /** The offset that the next record to be written will get. */
    record Latest() implements ResetTarget {}

    /** That offset. */
    record Offset(long offset) implements ResetTarget {}

    /** The first record of this time or later, in milliseconds since 1970; else the end. */
    record Time(long timestampMs) implements ResetTarget {}

    /** So many offsets behind the committed one; before it if negative. */
    record Relative(long offsets) implements ResetTarget {}
}
