package io.millrace.server.grpc.call;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * An interceptor that rejects large requests of the standard services. gRPC's own marshallers have
 * no limit, and the health service keeps the name that a Watch request contains.
 */
public final class SmallMessages implements ServerInterceptor {

    /** Maximum size of a request: room for the name of a service, a symbol or a file. */
    public static final int MAX_BYTES = 1024;

    private SmallMessages() {}

    public static ServerServiceDefinition of(ServerServiceDefinition service) {
        return ServerInterceptors.intercept(
                ServerInterceptors.useInputStreamMessages(service), new SmallMessages());
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {

            private boolean rejected;

            @Override
            public void onMessage(Q message) {
                if (sizeBytes((InputStream) message) > MAX_BYTES) {
                    rejected = true;
                    GrpcErrors.close(call, GrpcErrors.tooLarge(MAX_BYTES));
                } else if (!rejected) {
                    super.onMessage(message);
                }
            }

            @Override
            public void onHalfClose() {
                if (!rejected) {
                    super.onHalfClose();
                }
            }
        };
    }

    private static int sizeBytes(InputStream message) {
        try {
            return message.available();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
