package io.millrace.server.grpc.call;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.HasByteBuffer;
import io.millrace.protocol.error.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Bytes of one message, backed by the transport's receive buffers. */
public final class WireBytes {

    /** 16 MiB of payload, plus room for the enclosing fields. */
    public static final int LIMIT = (16 << 20) + (64 << 10);

    private WireBytes() {}

    /**
     * Returns the whole message. Aliases the transport's buffers where possible; gRPC releases them
     * when the stream is closed, after {@code onMessage} has returned.
     *
     * @throws ProblemException with TOO_LARGE
     */
    static ByteString of(InputStream message) throws IOException {
        if (message instanceof HasByteBuffer buffers
                && buffers.byteBufferSupported()
                && message.markSupported()) {
            return alias(message, buffers);
        }
        byte[] copy = message.readNBytes(LIMIT + 1);
        if (copy.length > LIMIT) {
            throw new ProblemException(GrpcErrors.tooLarge(LIMIT));
        }
        return UnsafeByteOperations.unsafeWrap(copy);
    }

    private static ByteString alias(InputStream message, HasByteBuffer buffers) throws IOException {
        if (message.available() > LIMIT) {
            throw new ProblemException(GrpcErrors.tooLarge(LIMIT));
        }
        // Without a mark, the stream releases a buffer once it is skipped.
        message.mark(Integer.MAX_VALUE);
        List<ByteString> parts = new ArrayList<>();
        while (message.available() > 0) {
            ByteBuffer part = buffers.getByteBuffer();
            if (part == null) {
                break;
            }
            int length = part.remaining();
            parts.add(UnsafeByteOperations.unsafeWrap(part));
            message.skipNBytes(length);
        }
        return parts.size() == 1 ? parts.getFirst() : ByteString.copyFrom(parts);
    }
}
