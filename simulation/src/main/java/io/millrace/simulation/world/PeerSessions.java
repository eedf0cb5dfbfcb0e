package io.millrace.simulation.world;

import io.millrace.group.GroupSessions;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.group.routing.RemoteSessions;
import java.util.SplittableRandom;

/** Opens sessions from one process with groups that other processes coordinate. */
final class PeerSessions implements RemoteSessions {

    private final SimulatedCluster cluster;
    private final NodeProcess self;
    private final GroupCommits commits;
    private final SplittableRandom random;

    PeerSessions(
            SimulatedCluster cluster,
            NodeProcess self,
            GroupCommits commits,
            SplittableRandom random) {
        this.cluster = cluster;
        this.self = self;
        this.commits = commits;
        this.random = random;
    }

    @Override
    public GroupSessions at(String host, int port) {
        return (request, listener) -> {
            PeerSession session = new PeerSession(self.loop, commits, request.group(), listener);
            NodeProcess there = cluster.servingAt(host);
            if (there == null) {
                session.rejected(FaultState.between(random, 1, 30));
            } else {
                cluster.trace.note(
                        cluster.world.nanoTime(), "session routed to", self.node, there.node, 0);
                session.open(
                        cluster.network.connect(self, there),
                        request,
                        Network.detectionDelay(random),
                        Network.detectionDelay(random));
            }
            return session;
        };
    }
}
