package io.millrace.fetch.subscribe;

import io.millrace.metadata.offset.OffsetLookup;

/** Where to begin in a partition. */
public sealed interface StartPosition {

    /** The first offset that can be read. */
    StartPosition EARLIEST = new Found(new OffsetLookup.At.Earliest());

    /** A place that is looked up. */
    record Found(OffsetLookup.At at) implements StartPosition {}

    /** No place: the partition is reported instead. */
    record Nowhere() implements StartPosition {}
}
