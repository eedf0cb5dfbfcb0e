package io.millrace.client;

import java.time.Instant;

/** Where reading a partition begins. */
public sealed interface StartAt {

    /** At the first record that can be read. */
    record Beginning() implements StartAt {}

    /** At the first record that is written after the reader looked. */
    record End() implements StartAt {}

    /** At that offset. */
    record Offset(long offset) implements StartAt {
        public Offset {
            if (offset < 0) {
                throw new IllegalArgumentException("An offset is not negative: " + offset);
            }
        }
    }

    /** At the first record of that time or later, or at the end if there is none. */
    record Timestamp(long timestampMs) implements StartAt {}

    static StartAt beginning() {
        return new Beginning();
    }

    static StartAt end() {
        return new End();
    }

    static StartAt offset(long offset) {
        return new Offset(offset);
    }

    static StartAt time(Instant instant) {
        return new Timestamp(instant.toEpochMilli());
    }
}
