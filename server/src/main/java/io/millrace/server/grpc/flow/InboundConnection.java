package io.millrace.server.grpc.flow;

import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * One connection as seen by those who bound what it sends. Any thread.
 *
 * @param loop the connection's event loop
 * @param sender what it has in unfinished messages
 * @param calls those that are open
 */
record InboundConnection(
        Executor loop, InboundAdmission.Sender sender, Set<InboundLimit.Arriving> calls) {

    InboundConnection(Executor loop, InboundAdmission.Sender sender) {
        this(loop, sender, ConcurrentHashMap.newKeySet());
    }

    /** What tells a connection from all others that are open at the same time. */
    record Ends(SocketAddress local, SocketAddress remote) {}
}
