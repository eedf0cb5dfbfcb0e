package io.millrace.metadata.restore;

import java.time.Instant;
import java.time.format.DateTimeParseException;

/** The point to which a log is restored. */
public sealed interface RestoreTarget {

    /** The last archived entry. */
    record Newest() implements RestoreTarget {
        @Override
        public String toString() {
            return "the newest point";
        }
    }

    /**
     * An entry.
     *
     * @param position the position of the last restored entry, from 1
     */
    record Entry(long position) implements RestoreTarget {
        @Override
        public String toString() {
            return "entry " + position;
        }
    }

    /** The last entry before the first block that was sealed after this time. */
    record Time(Instant at) implements RestoreTarget {
        @Override
        public String toString() {
            return at.toString();
        }
    }

    /**
     * Parses the position of an entry, or a time such as {@code 2026-03-01T12:00:00Z}.
     *
     * @throws IllegalArgumentException with the legal forms as its message
     */
    static RestoreTarget parse(String text) {
        if (text.matches("[0-9]{1,18}") && Long.parseLong(text) > 0) {
            return new Entry(Long.parseLong(text));
        }
        try {
            return new Time(Instant.parse(text));
        } catch (DateTimeParseException illegal) {
            throw new IllegalArgumentException(
                    "the number of an entry, from 1, or a time in UTC such as 2026-03-01T12:00:00Z",
                    illegal);
        }
    }
}
