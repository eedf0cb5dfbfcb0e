package io.millrace.cli.terminal;

import java.util.List;

/**
 * Result of a command in both output forms, text and JSON. Only {@link ConnectionOptions#print}
 * chooses between the forms.
 */
public interface CommandResult {

    /** Returns the lines of {@code --output text}. */
    List<String> lines();

    /** Returns the value of {@code --output json}; by default the components of this record. */
    default Object json() {
        return this;
    }

    /** Returns the exit code of the command. */
    default int exitCode() {
        return ExitCode.DONE;
    }

    /** Returns a result with the given forms. */
    static CommandResult of(Object json, List<String> lines) {
        return new Given(json, lines);
    }

    /** Result with given forms. */
    record Given(Object json, List<String> lines) implements CommandResult {}
}
