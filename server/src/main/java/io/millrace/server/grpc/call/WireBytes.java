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

/** The bytes of one message, over the buffers in which the transport received them. */
public final class WireBytes {

    /** 16 MiB, which a request may hold by contract, and room for what stands around them. */
    public static final int LIMIT = (16 << 20) + (64 << 10);

    private WireBytes() {}

    /**
     * The whole message. It aliases the transport's buffers where those can be had: they are
     * released when the stream is closed, which gRPC does after {@code onMessage} has returned.
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
        // A buffer that was skipped is kept only behind a mark.
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
