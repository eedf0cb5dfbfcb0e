package io.millrace.cli.terminal;

import java.io.IOException;

/** A failed write to standard output, so that the output is incomplete. */
public final class OutputFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean brokenPipe;

    public OutputFailedException(IOException cause) {
        super(
                "Standard output cannot be written (%s), so the output is incomplete: make room or choose another output, and run the command again."
                        .formatted(cause.getMessage()),
                cause);
        this.brokenPipe = "Broken pipe".equals(cause.getMessage());
    }

    /** Returns whether the reader of a pipe has ended, as with {@code | head}. */
    public boolean isBrokenPipe() {
        return brokenPipe;
    }
}
