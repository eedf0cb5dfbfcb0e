package io.millrace.server.grpc.flow;

import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * A connection as the inbound limits see it. Any thread.
 *
 * @param loop the connection's event loop
 * @param sender the account of the connection's unfinished messages
 * @param calls the open calls
 */
record InboundConnection(
        Executor loop,
        InboundAdmission.InboundSender sender,
        Set<InboundLimit.InboundMessage> calls) {

    InboundConnection(Executor loop, InboundAdmission.InboundSender sender) {
        this(loop, sender, ConcurrentHashMap.newKeySet());
    }

    /** Addresses that identify a connection among all open ones. */
    record ConnectionAddresses(SocketAddress local, SocketAddress remote) {}
}
