package io.millrace.metadata.offset;

/** A request for an offset of one partition by position or time. */
public record OffsetLookup(String topic, int partition, LookupPosition at) {

    /** A position or time. */
    public sealed interface LookupPosition {

        /** The log start offset. */
        record Earliest() implements LookupPosition {}

        /** The high watermark. */
        record Latest() implements LookupPosition {}

        /** The first of the records with the largest timestamp. */
        record MaxTimestamp() implements LookupPosition {}

        /** The first record of this time or later. */
        record Time(long timestampMs) implements LookupPosition {}
    }
}
