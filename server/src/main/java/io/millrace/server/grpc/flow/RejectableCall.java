package io.millrace.server.grpc.flow;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/**
 * A call that can be ended before its handler has finished; later responses of the handler are
 * dropped. Owned by the loop on which all handlers respond.
 */
final class RejectableCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private boolean closed;

    RejectableCall(ServerCall<Q, A> call) {
        super(call);
    }

    @Override
    public void sendHeaders(Metadata headers) {
        if (!closed) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public void sendMessage(A message) {
        if (!closed) {
            super.sendMessage(message);
        }
    }

    @Override
    public void close(Status status, Metadata trailers) {
        if (!closed) {
            closed = true;
            super.close(status, trailers);
        }
    }
}
