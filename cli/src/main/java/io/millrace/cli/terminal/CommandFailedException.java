package io.millrace.cli.terminal;

/** The failure of a command, with the reason in one sentence. */
public final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandFailedException(String message) {
        super(message);
    }
}
