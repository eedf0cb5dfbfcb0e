package io.millrace.cli.terminal;

import java.util.List;

/**
 * The result of a command, in both forms in which it can be printed. {@link
 * ConnectionOptions#print} is the one place that chooses between them.
 */
public interface CommandResult {

    /** The lines of {@code --output text}. */
    List<String> lines();

    /** The value of {@code --output json}; by default the components of this record. */
    default Object json() {
        return this;
    }

    /** The exit code of the command. */
    default int exitCode() {
        return ExitCode.DONE;
    }

    /** A result whose two forms are given. */
    static CommandResult of(Object json, List<String> lines) {
        return new Given(json, lines);
    }

    /** A result whose two forms are given. */
    record Given(Object json, List<String> lines) implements CommandResult {}
}
