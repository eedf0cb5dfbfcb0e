package io.millrace.metadata.offset;

import io.millrace.protocol.error.Problem;

/** The answer to an {@link OffsetLookup}. */
public sealed interface OffsetResult {

    /**
     * The offset.
     *
     * @param offset the high watermark where no record is that late
     * @param timestampMs of the record, milliseconds since 1970; -1 for earliest, latest, and where
     *     no record is that late
     */
    record Found(long offset, long timestampMs) implements OffsetResult {}

    /** There is no answer. */
    record Failed(Problem problem) implements OffsetResult {}
}
