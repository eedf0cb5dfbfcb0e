package io.millrace.cli.terminal;

/** A command did not do what it was asked, for a reason that its message says in a sentence. */
public final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandFailedException(String message) {
        super(message);
    }
}
