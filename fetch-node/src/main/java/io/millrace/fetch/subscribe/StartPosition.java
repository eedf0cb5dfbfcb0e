package io.millrace.fetch.subscribe;

import io.millrace.metadata.offset.OffsetLookup;

/** The position at which to start reading a partition. */
public sealed interface StartPosition {

    /** The first readable offset. */
    StartPosition EARLIEST = new Found(new OffsetLookup.At.Earliest());

    /** A position that is looked up. */
    record Found(OffsetLookup.At at) implements StartPosition {}

    /** No position: the partition is reported as failed. */
    record Nowhere() implements StartPosition {}
}
