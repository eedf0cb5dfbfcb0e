package io.millrace.metadata.offset;

/** A question about one partition: which offset is there? */
public record OffsetLookup(String topic, int partition, At at) {

    /** What is asked for. */
    public sealed interface At {

        /** The first offset that can be read. */
        record Earliest() implements At {}

        /** The offset that the next record to be written will get. */
        record Latest() implements At {}

        /** The first record of this time or later, in milliseconds since 1970. */
        record Time(long timestampMs) implements At {}
    }
}
