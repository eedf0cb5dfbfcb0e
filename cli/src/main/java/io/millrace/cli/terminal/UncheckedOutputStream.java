package io.millrace.cli.terminal;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A standard output that throws {@link OutputFailedException}, because a {@link
 * java.io.PrintWriter} swallows an {@link IOException}.
 */
public final class UncheckedOutputStream extends OutputStream {

    private final OutputStream delegate;

    public UncheckedOutputStream(OutputStream delegate) {
        this.delegate = delegate;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        try {
            delegate.write(bytes, from, length);
        } catch (IOException failed) {
            throw new OutputFailedException(failed);
        }
    }

    @Override
    public void flush() {
        try {
            delegate.flush();
        } catch (IOException failed) {
            throw new OutputFailedException(failed);
        }
    }
}
