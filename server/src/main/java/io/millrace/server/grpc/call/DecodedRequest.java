package io.millrace.server.grpc.call;

import io.millrace.protocol.error.Problem;

/**
 * Result of decoding a request. Marshallers return it in place of throwing: on an exception, gRPC
 * would end the call with an uninformative status.
 */
public sealed interface DecodedRequest<T> {

    /** A decoded request. */
    record Message<T>(T value) implements DecodedRequest<T> {}

    /** A request that failed to decode. */
    record Malformed<T>(Problem problem) implements DecodedRequest<T> {}
}
