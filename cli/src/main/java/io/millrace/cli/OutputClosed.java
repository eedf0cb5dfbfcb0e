package io.millrace.cli;

import java.io.IOException;

/** Standard output takes nothing more, as when the next command of a pipe has ended. */
final class OutputClosed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutputClosed(IOException cause) {
        super(cause);
    }
}
