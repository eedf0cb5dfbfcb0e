package io.millrace.server.grpc.call;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.millrace.protocol.error.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;

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

    /** The parser copies retained bytes, and rejects a message with too many elements. */
    public static <M extends Message> RequestMarshaller<M> of(M prototype) {
        return new RequestMarshaller<>(
                prototype.getClass().getSimpleName(),
                bytes -> LimitedParser.parse(prototype, bytes));
    }

    /** Returns a marshaller that converts the parsed message, on the connection's event loop. */
    public <U> RequestMarshaller<U> map(Function<T, U> conversion) {
        return new RequestMarshaller<>(what, bytes -> conversion.apply(decoder.decode(bytes)));
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
