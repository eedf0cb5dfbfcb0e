package io.millrace.server.grpc.call;

import io.millrace.protocol.error.Problem;
import java.util.function.Function;

/**
 * The result of decoding a request. Marshallers return problems because gRPC ends a call with an
 * uninformative status on an exception.
 */
public sealed interface DecodedRequest<T> {

    record Message<T>(T value) implements DecodedRequest<T> {}

    record Malformed<T>(Problem problem) implements DecodedRequest<T> {}

    default <U> DecodedRequest<U> map(Function<T, U> conversion) {
        return switch (this) {
            case Message<T>(var value) -> new Message<>(conversion.apply(value));
            case Malformed<T>(var problem) -> new Malformed<>(problem);
        };
    }
}
