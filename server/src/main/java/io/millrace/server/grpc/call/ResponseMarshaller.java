package io.millrace.server.grpc.call;

import io.grpc.MethodDescriptor;
import java.io.InputStream;
import java.util.function.Function;

/** Writes responses without building a protobuf message. */
public record ResponseMarshaller<T>(Function<T, InputStream> bytes)
        implements MethodDescriptor.Marshaller<T> {

    @Override
    public InputStream stream(T answer) {
        return bytes.apply(answer);
    }

    @Override
    public T parse(InputStream stream) {
        throw new UnsupportedOperationException("a server does not parse responses");
    }
}
