package io.millrace.client.connection;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/**
 * Records whether a request was written to a connection, so that a server may have received it.
 * Written by a transport thread, read by any thread.
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
