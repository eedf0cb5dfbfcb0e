package io.millrace.metadata.offset;

/** A request for an offset of one partition by position or time. */
public record OffsetLookup(String topic, int partition, LookupPosition at) {

    /** The position or time. */
    public sealed interface LookupPosition {

        /** The first readable offset. */
        record Earliest() implements LookupPosition {}

        /** The offset of the next record. */
        record Latest() implements LookupPosition {}

        /** The first record of this time or later, in milliseconds since 1970. */
        record Time(long timestampMs) implements LookupPosition {}
    }
}
