package io.millrace.security.audit;

import java.io.IOException;

/** A destination of JSON lines. Used by one thread, which it may block. */
public interface AuditSink extends AutoCloseable {

    /**
     * Writes whole lines.
     *
     * @throws IOException if some of the lines may be missing; a later call may succeed
     */
    void write(byte[] lines) throws IOException;

    @Override
    void close() throws IOException;
}
