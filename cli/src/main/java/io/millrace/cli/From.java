package io.millrace.cli;

import io.millrace.client.StartAt;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Reads {@code --from}. */
final class From {

    static final String SYNTAX =
            "beginning; end; an offset (42); or the first record of a time or later: ISO-8601 with"
                    + " its zone (2026-01-01T00:00:00Z) or @ and milliseconds since 1970"
                    + " (@1700000000000)";

    private From() {}

    /**
     * @throws IllegalArgumentException with what is wrong and what is right
     */
    static StartAt parse(String text) {
        try {
            if (text.equals("beginning")) {
                return StartAt.beginning();
            }
            if (text.equals("end")) {
                return StartAt.end();
            }
            if (text.startsWith("@")) {
                return StartAt.time(Instant.ofEpochMilli(Long.parseLong(text.substring(1))));
            }
            if (text.contains("T")) {
                return StartAt.time(OffsetDateTime.parse(text).toInstant());
            }
            return StartAt.offset(Long.parseLong(text));
        } catch (DateTimeException | IllegalArgumentException wrong) {
            throw new IllegalArgumentException(text + " is none of: " + SYNTAX + ".", wrong);
        }
    }
}
