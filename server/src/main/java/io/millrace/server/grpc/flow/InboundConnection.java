package io.millrace.server.grpc.flow;

import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** A connection with its inbound memory and open calls. Any thread. */
record InboundConnection(
        Executor loop,
        InboundAdmission.InboundSender sender,
        Set<InboundLimit.InboundMessage> calls) {

    InboundConnection(Executor loop, InboundAdmission.InboundSender sender) {
        this(loop, sender, ConcurrentHashMap.newKeySet());
    }

    record ConnectionAddresses(SocketAddress local, SocketAddress remote) {}
}
