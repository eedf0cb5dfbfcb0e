package io.millrace.metadata.offset;

/** A request for an offset of one partition by position or time. */
public record OffsetLookup(String topic, int partition, At at) {

    /** The position or time. */
    public sealed interface At {

        /** The first readable offset. */
        record Earliest() implements At {}

        /** The offset of the next record. */
        record Latest() implements At {}

        /** The first record of this time or later, in milliseconds since 1970. */
        record Time(long timestampMs) implements At {}
    }
}
