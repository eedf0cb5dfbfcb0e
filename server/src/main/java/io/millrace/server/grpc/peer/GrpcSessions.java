package io.millrace.server.grpc.peer;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.stub.MetadataUtils;
import io.millrace.group.GroupSessions;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.group.routing.RemoteSessions;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.v1.peer.GroupSessionGrpc;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.auth.NodeCredentials;
import io.millrace.server.grpc.call.NodeChannels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Opens group sessions at other nodes. Each session is a call, on connections used for sessions
 * only. Owned by the metadata's loop, except for {@link #close}.
 */
public final class GrpcSessions implements RemoteSessions, AutoCloseable {

    /** Maximum number of calls per connection; a node accepts a few thousand. */
    private static final int MAX_CALLS = 2000;

    /** Bounds the time to detect a vanished node. */
    private static final int KEEPALIVE_SECONDS = 10;

    private final NodeChannels nodes;
    private final EventLoop loop;
    private final String cluster;
    private final GroupCommits commits;
    private final NodeCredentials credentials;
    private final Supplier<List<RegisteredNode>> members;
    private final Map<String, List<SessionChannel>> channels = new HashMap<>();
    private boolean closed;

    static final class SessionChannel {
        final ManagedChannel channel;
        int calls;

        private SessionChannel(ManagedChannel channel) {
            this.channel = channel;
        }
    }

    /**
     * @param members the live nodes; called on the metadata's loop
     */
    public GrpcSessions(
            NodeChannels nodes,
            EventLoop loop,
            String cluster,
            GroupCommits commits,
            NodeCredentials credentials,
            Supplier<List<RegisteredNode>> members) {
        this.nodes = nodes;
        this.loop = loop;
        this.cluster = cluster;
        this.commits = commits;
        this.credentials = credentials;
        this.members = members;
    }

    @Override
    public GroupSessions at(String host, int port) {
        return (request, listener) -> {
            SessionChannel line = channelTo(host, port);
            line.calls++;
            RemoteSession session =
                    new RemoteSession(
                            authenticated(line.channel, incarnationAt(host, port)),
                            loop,
                            commits,
                            SessionCodec.join(cluster, request),
                            listener,
                            () -> onCallEnded(line, host + ":" + port));
            session.start();
            return session;
        };
    }

    private Channel authenticated(Channel channel, long callee) {
        return ClientInterceptors.intercept(
                channel,
                MetadataUtils.newAttachHeadersInterceptor(
                        credentials.headers(callee, GroupSessionGrpc.getOpenMethod())));
    }

    /**
     * Returns the latest incarnation that registered with the address. For an unknown node, the
     * result is an incarnation that no node accepts; the session is opened again later.
     */
    private long incarnationAt(String host, int port) {
        return members.get().stream()
                .filter(member -> member.host().equals(host) && member.port() == port)
                .max(Comparator.comparingLong(RegisteredNode::registrationRevision))
                .map(RegisteredNode::incarnation)
                .orElse(0L);
    }

    /** Closes a connection without calls, as the node may never return. */
    private synchronized void onCallEnded(SessionChannel line, String place) {
        line.calls--;
        if (line.calls == 0) {
            line.channel.shutdown();
            List<SessionChannel> there = channels.get(place);
            if (there != null && there.remove(line) && there.isEmpty()) {
                channels.remove(place);
            }
        }
    }

    private synchronized SessionChannel channelTo(String host, int port) {
        List<SessionChannel> there =
                channels.computeIfAbsent(host + ":" + port, any -> new ArrayList<>());
        for (SessionChannel line : there) {
            if (line.calls < MAX_CALLS) {
                // Callers decide on retries; the channel's own backoff must not delay them.
                line.channel.resetConnectBackoff();
                return line;
            }
        }
        SessionChannel line = new SessionChannel(open(host, port));
        there.add(line);
        if (closed) {
            line.channel.shutdownNow();
        }
        return line;
    }

    private ManagedChannel open(String host, int port) {
        return nodes.to(host, port)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_SECONDS / 2, TimeUnit.SECONDS)
                .build();
    }

    @Override
    public synchronized void close() {
        closed = true;
        channels.values().forEach(there -> there.forEach(line -> line.channel.shutdownNow()));
        channels.clear();
    }
}
