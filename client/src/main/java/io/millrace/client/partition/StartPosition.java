package io.millrace.client.partition;

import java.time.Instant;

/** The position at which reading of a partition starts. */
public sealed interface StartPosition {

    /** The first readable record. */
    record Beginning() implements StartPosition {}

    /** The first record written after the reader looked up the end. */
    record End() implements StartPosition {}

    /** An offset. */
    record Offset(long offset) implements StartPosition {
        public Offset {
            if (offset < 0) {
                throw new IllegalArgumentException("An offset must not be negative: " + offset);
            }
        }
    }

    /** The first record at or after a time; the end without such a record. */
    record Timestamp(long timestampMs) implements StartPosition {}

    static StartPosition beginning() {
        return new Beginning();
    }

    static StartPosition end() {
        return new End();
    }

    static StartPosition offset(long offset) {
        return new Offset(offset);
    }

    static StartPosition time(Instant instant) {
        return new Timestamp(instant.toEpochMilli());
    }
}
