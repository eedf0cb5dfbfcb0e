package io.millrace.fetch.subscribe;

import io.millrace.metadata.offset.OffsetLookup;

/** The position at which to start reading a partition. */
public sealed interface StartPosition {

    /** The first readable offset. */
    StartPosition EARLIEST = new LookedUp(new OffsetLookup.LookupPosition.Earliest());

    /** A position that is looked up. */
    record LookedUp(OffsetLookup.LookupPosition at) implements StartPosition {}

    /** No position; the partition fails. */
    record NoPosition() implements StartPosition {}
}
