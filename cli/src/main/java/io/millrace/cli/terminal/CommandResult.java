package io.millrace.cli.terminal;

import java.util.List;

/** The result of a command in both output forms, text and JSON. */
public interface CommandResult {

    List<String> lines();

    /** Returns the value of {@code --output json}; by default this record. */
    default Object json() {
        return this;
    }

    default int exitCode() {
        return ExitCode.DONE;
    }

    static CommandResult of(Object json, List<String> lines) {
        return new Given(json, lines, ExitCode.DONE);
    }

    static CommandResult of(Object json, List<String> lines, int exitCode) {
        return new Given(json, lines, exitCode);
    }

    /** A result with given forms. */
    record Given(Object json, List<String> lines, int exitCode) implements CommandResult {}
}
