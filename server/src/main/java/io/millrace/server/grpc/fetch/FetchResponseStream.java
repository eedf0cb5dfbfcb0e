package io.millrace.server.grpc.fetch;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream of a {@link FetchResponseWriter}'s bytes, written straight into the transport's buffers.
 */
final class FetchResponseStream extends InputStream implements Drainable, KnownLength {

    private final List<FetchResponseWriter.Section> sections;
    private int left;
    private @Nullable InputStream read;

    FetchResponseStream(List<FetchResponseWriter.Section> sections, int sizeBytes) {
        this.sections = sections;
        this.left = sizeBytes;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        for (FetchResponseWriter.Section section : sections) {
            target.write(section.before());
            section.batches().writeTo(target);
        }
        int written = left;
        left = 0;
        return written;
    }

    @Override
    public int available() throws IOException {
        return read == null ? left : read.available();
    }

    @Override
    public int read() throws IOException {
        return copy().read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return copy().read(target, offset, length);
    }

    /** Returns a stream over a copy, for transports that do not drain, such as compression. */
    private InputStream copy() throws IOException {
        if (read == null) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(left);
            drainTo(bytes);
            read = new ByteArrayInputStream(bytes.toByteArray());
        }
        return read;
    }
}
