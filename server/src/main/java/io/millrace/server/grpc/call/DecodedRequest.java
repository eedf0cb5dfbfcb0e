package io.millrace.server.grpc.call;

import io.millrace.protocol.error.Problem;

/**
 * The result of decoding a request. Marshallers return problems because gRPC ends a call with an
 * uninformative status on an exception.
 */
public sealed interface DecodedRequest<T> {

    record Message<T>(T value) implements DecodedRequest<T> {}

    record Malformed<T>(Problem problem) implements DecodedRequest<T> {}
}
