package io.millrace.server.grpc.peer;

import io.grpc.ManagedChannel;
import io.millrace.group.GroupSessions;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.group.routing.RemoteSessions;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.NodeChannel;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Sessions at other nodes over gRPC, a call for each on connections of their own. Owned by the
 * metadata's loop, but for {@link #close}.
 */
public final class GrpcSessions implements RemoteSessions, AutoCloseable {

    /** Calls on one connection; a node allows a few thousand. */
    private static final int MAX_CALLS = 2000;

    /** A node that is gone without a word is noticed about so soon. */
    private static final int SILENCE_SECONDS = 10;

    private final EventLoopGroup loops;
    private final EventLoop loop;
    private final String cluster;
    private final GroupCommits commits;
    private final Map<String, List<Line>> lines = new HashMap<>();
    private boolean closed;

    /** A connection, and how many calls are open on it. */
    static final class Line {
        final ManagedChannel channel;
        int calls;

        private Line(ManagedChannel channel) {
            this.channel = channel;
        }
    }

    /**
     * @param loops carry the connections; the caller shuts them down, after this is closed
     * @param loop the metadata's
     */
    public GrpcSessions(
            EventLoopGroup loops, EventLoop loop, String cluster, GroupCommits commits) {
        this.loops = loops;
        this.loop = loop;
        this.cluster = cluster;
        this.commits = commits;
    }

    @Override
    public GroupSessions at(String host, int port) {
        return (request, listener) -> {
            Line line = line(host, port);
            line.calls++;
            RemoteSession session =
                    new RemoteSession(
                            line.channel,
                            loop,
                            commits,
                            SessionCodec.join(cluster, request),
                            listener,
                            () -> callOver(line, host + ":" + port));
            session.begin();
            return session;
        };
    }

    /** A connection without calls is closed: its node may be gone for ever. */
    private synchronized void callOver(Line line, String place) {
        line.calls--;
        if (line.calls == 0) {
            line.channel.shutdown();
            List<Line> there = lines.get(place);
            if (there != null && there.remove(line) && there.isEmpty()) {
                lines.remove(place);
            }
        }
    }

    private synchronized Line line(String host, int port) {
        List<Line> there = lines.computeIfAbsent(host + ":" + port, any -> new ArrayList<>());
        for (Line line : there) {
            if (line.calls < MAX_CALLS) {
                // Whom to try again, and when, is not for the channel to decide.
                line.channel.resetConnectBackoff();
                return line;
            }
        }
        Line line = new Line(open(host, port));
        there.add(line);
        if (closed) {
            line.channel.shutdownNow();
        }
        return line;
    }

    private ManagedChannel open(String host, int port) {
        return NodeChannel.to(host, port, loops)
                .keepAliveTime(SILENCE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(SILENCE_SECONDS / 2, TimeUnit.SECONDS)
                .build();
    }

    @Override
    public synchronized void close() {
        closed = true;
        lines.values().forEach(there -> there.forEach(line -> line.channel.shutdownNow()));
        lines.clear();
    }
}
