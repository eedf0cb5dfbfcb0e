package io.millrace.metadata.offset;

import io.millrace.protocol.error.Problem;

/** The result of an {@link OffsetLookup}. */
public sealed interface OffsetResult {

    /**
     * The offset.
     *
     * @param offset the high watermark if no record is late enough
     * @param timestampMs of the record; -1 for earliest, for latest, and if no record is late
     *     enough
     */
    record Found(long offset, long timestampMs) implements OffsetResult {}

    /** The look-up failed. */
    record Failed(Problem problem) implements OffsetResult {}
}
