package io.millrace.cli;

import java.io.IOException;
import java.io.OutputStream;

/** A standard output whose writes fail with the message of an operating system. */
public final class FailingOutput extends OutputStream {

    private final String error;

    public FailingOutput(String error) {
        this.error = error;
    }

    @Override
    public void write(int value) throws IOException {
        throw new IOException(error);
    }
}
