package io.millrace.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.millrace.protocol.error.ProblemException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Decodes requests, and says clearly what is wrong with those that cannot be.
 *
 * @param what the name of the message
 */
record RequestMarshaller<T>(String what, Decoder<T> decoder)
        implements MethodDescriptor.Marshaller<Decoded<T>> {

    /** Makes a request of bytes. */
    @FunctionalInterface
    interface Decoder<T> {
        T decode(ByteString bytes) throws IOException;
    }

    /** For a message that is decoded by its generated parser, which copies what it keeps. */
    @SuppressWarnings("unchecked")
    static <M extends MessageLite> RequestMarshaller<M> of(M prototype) {
        return new RequestMarshaller<>(
                prototype.getClass().getSimpleName(),
                bytes -> (M) prototype.getParserForType().parseFrom(bytes));
    }

    @Override
    public Decoded<T> parse(InputStream message) {
        try {
            return new Decoded.Message<>(decoder.decode(WireBytes.of(message)));
        } catch (ProblemException refused) {
            return new Decoded.Malformed<>(refused.problem());
        } catch (IOException malformed) {
            return new Decoded.Malformed<>(
                    GrpcErrors.malformed(what, String.valueOf(malformed.getMessage())));
        }
    }

    @Override
    public InputStream stream(Decoded<T> value) {
        throw new UnsupportedOperationException("a server sends no requests");
    }
}
