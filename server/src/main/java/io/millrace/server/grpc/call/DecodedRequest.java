package io.millrace.server.grpc.call;

import io.millrace.protocol.error.Problem;

/**
 * What a marshaller made of a request. It must not throw: gRPC would end the call with a status
 * that says nothing.
 */
public sealed interface DecodedRequest<T> {

    /** The request. */
    record Message<T>(T value) implements DecodedRequest<T> {}

    /** The bytes are no such request. */
    record Malformed<T>(Problem problem) implements DecodedRequest<T> {}
}
