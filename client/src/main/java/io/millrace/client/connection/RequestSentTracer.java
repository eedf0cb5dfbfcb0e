package io.millrace.client.connection;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/**
 * Records whether a call's request was written to a connection: only then may a server have
 * received it. Set on a transport thread, read on any thread.
 */
final class RequestSentTracer extends ClientStreamTracer.Factory {

    private volatile boolean sent;

    boolean sent() {
        return sent;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(
            ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void outboundMessage(int number) {
                sent = true;
            }
        };
    }
}
