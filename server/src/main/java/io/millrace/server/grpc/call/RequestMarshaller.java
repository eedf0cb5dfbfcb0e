package io.millrace.server.grpc.call;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.millrace.protocol.error.ProblemException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Decodes requests and reports malformed requests with a readable message.
 *
 * @param what the name of the message type
 */
public record RequestMarshaller<T>(String what, Decoder<T> decoder)
        implements MethodDescriptor.Marshaller<DecodedRequest<T>> {

    @FunctionalInterface
    public interface Decoder<T> {
        T decode(ByteString bytes) throws IOException;
    }

    /** The parser copies retained bytes. */
    @SuppressWarnings("unchecked")
    public static <M extends MessageLite> RequestMarshaller<M> of(M prototype) {
        return new RequestMarshaller<>(
                prototype.getClass().getSimpleName(),
                bytes -> (M) prototype.getParserForType().parseFrom(bytes));
    }

    @Override
    public DecodedRequest<T> parse(InputStream message) {
        try {
            return new DecodedRequest.Message<>(decoder.decode(WireBytes.of(message)));
        } catch (ProblemException rejected) {
            return new DecodedRequest.Malformed<>(rejected.problem());
        } catch (IOException malformed) {
            return new DecodedRequest.Malformed<>(
                    GrpcErrors.malformed(what, String.valueOf(malformed.getMessage())));
        }
    }

    @Override
    public InputStream stream(DecodedRequest<T> value) {
        throw new UnsupportedOperationException("a server does not write requests");
    }
}
