package io.millrace.cli.terminal;

import io.millrace.client.partition.StartPosition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** The parser of start positions, such as {@code --from}. */
public final class StartPositionParser {

    public static final String SYNTAX =
            "beginning; end; an offset (42); or a time, for the first record of that time"
                    + " or later: ISO-8601 with a zone (2026-01-01T00:00:00Z) or @ and milliseconds"
                    + " since 1970 (@1700000000000)";

    private StartPositionParser() {}

    /**
     * @throws IllegalArgumentException with the error and the legal forms as its message
     */
    public static StartPosition parse(String text) {
        try {
            if (text.equals("beginning")) {
                return StartPosition.beginning();
            }
            if (text.equals("end")) {
                return StartPosition.end();
            }
            if (text.startsWith("@")) {
                return StartPosition.time(Instant.ofEpochMilli(Long.parseLong(text.substring(1))));
            }
            if (text.contains("T")) {
                return StartPosition.time(OffsetDateTime.parse(text).toInstant());
            }
            return StartPosition.offset(Long.parseLong(text));
        } catch (DateTimeException | IllegalArgumentException wrong) {
            throw new IllegalArgumentException(text + " is not one of: " + SYNTAX, wrong);
        }
    }
}
