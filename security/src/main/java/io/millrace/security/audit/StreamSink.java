package io.millrace.security.audit;

import java.io.IOException;
import java.io.PrintStream;

/** Writes lines to a stream of the process, such as standard error, which stays open. */
public final class StreamSink implements AuditSink {

    private final PrintStream stream;

    public StreamSink(PrintStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(byte[] lines) throws IOException {
        stream.write(lines, 0, lines.length);
        stream.flush();
        if (stream.checkError()) {
            throw new IOException("the stream is closed");
        }
    }

    @Override
    public void close() {}
}
