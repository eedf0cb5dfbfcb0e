package io.millrace.client.partition;

import java.time.Instant;

/** Where reading a partition begins. */
public sealed interface StartPosition {

    /** At the first record that can be read. */
    record Beginning() implements StartPosition {}

    /** At the first record that is written after the reader looked. */
    record End() implements StartPosition {}

    /** At that offset. */
    record Offset(long offset) implements StartPosition {
        public Offset {
            if (offset < 0) {
                throw new IllegalArgumentException("An offset is not negative: " + offset);
            }
        }
    }

    /** At the first record of that time or later, or at the end if there is none. */
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
