package io.millrace.cli.terminal;

import java.io.IOException;

/** Signals that standard output is closed, as when the next command of a pipe has ended. */
public final class BrokenPipeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BrokenPipeException(IOException cause) {
        super(cause);
    }
}
