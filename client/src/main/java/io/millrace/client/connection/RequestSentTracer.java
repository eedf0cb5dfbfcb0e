package io.millrace.client.connection;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/**
 * Learns whether a call's request was handed to a connection: only then may a server have seen it.
 * Set on a thread of the transport, read on any.
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
