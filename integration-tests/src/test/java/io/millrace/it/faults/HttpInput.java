package io.millrace.it.faults;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Reads HTTP/1.1 messages from a connection. Not thread-safe. */
final class HttpInput {

    private static final int MAX_HEAD_BYTES = 1 << 16;

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int from;
    private int until;

    HttpInput(InputStream in) {
        this.in = in;
    }

    /** Reads the next head; throws at the end of the connection. */
    HttpHead head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream(1024);
        int seen = 0;
        while (seen < 4) {
            if (from == until && !fill()) {
                if (head.size() == 0) {
                    throw new EOFException("the connection ended between messages");
                }
                throw new EOFException("the connection ended in a head");
            }
            byte next = buffer[from++];
            head.write(next);
            seen = next == "\r\n\r\n".charAt(seen) ? seen + 1 : next == '\r' ? 1 : 0;
            if (head.size() > MAX_HEAD_BYTES) {
                throw new IOException("a head of more than " + MAX_HEAD_BYTES + " bytes");
            }
        }
        return HttpHead.of(head.toByteArray());
    }

    /** Copies a body of known length. */
    void copy(long length, OutputStream out, Pacer pacer) throws IOException {
        long left = length;
        while (left > 0) {
            if (from == until && !fill()) {
                throw new EOFException("the connection ended in a body");
            }
            int count = (int) Math.min(left, until - from);
            pacer.await(count);
            out.write(buffer, from, count);
            from += count;
            left -= count;
        }
    }

    /** Copies a chunked body with its framing. */
    void copyChunked(OutputStream out, Pacer pacer) throws IOException {
        while (true) {
            String size = line(out);
            int end = size.indexOf(';') < 0 ? size.length() : size.indexOf(';');
            long length = Long.parseLong(size.substring(0, end).strip(), 16);
            if (length == 0) {
                break;
            }
            copy(length + 2, out, pacer);
        }
        while (!line(out).isEmpty()) {
            // Trailers.
        }
    }

    /** Copies everything up to the end of the connection. */
    void copyRest(OutputStream out, Pacer pacer) throws IOException {
        while (from < until || fill()) {
            copy(until - from, out, pacer);
        }
    }

    private String line(OutputStream out) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(32);
        int last = 0;
        do {
            if (from == until && !fill()) {
                throw new EOFException("the connection ended in a body");
            }
            last = buffer[from++];
            line.write(last);
        } while (last != '\n');
        line.writeTo(out);
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    private boolean fill() throws IOException {
        int read = in.read(buffer, 0, buffer.length);
        from = 0;
        until = Math.max(0, read);
        return read > 0;
    }
}
