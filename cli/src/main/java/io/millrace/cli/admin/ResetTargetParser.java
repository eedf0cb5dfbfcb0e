package io.millrace.cli.admin;

import io.millrace.cli.terminal.StartPositionParser;
import io.millrace.client.admin.OffsetReset.Target;

/** The parser of {@code group reset --to}. */
final class ResetTargetParser {

    static final String SYNTAX =
            "-N or +N, relative to the committed offset; " + StartPositionParser.SYNTAX;

    private ResetTargetParser() {}

    /**
     * @throws IllegalArgumentException with the error and the legal forms as its message
     */
    static Target parse(String text) {
        try {
            return text.startsWith("-") || text.startsWith("+")
                    ? new Target.ShiftBy(Long.parseLong(text))
                    : new Target.ToPosition(StartPositionParser.parse(text));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(text + " is not one of: " + SYNTAX, wrong);
        }
    }
}
