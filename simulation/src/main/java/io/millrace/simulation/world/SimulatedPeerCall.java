package io.millrace.simulation.world;

import io.millrace.group.AssignedPartition;
import io.millrace.group.GroupSession;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The other end of a {@link PeerSession}. On the event loop of the coordinator's process. */
final class SimulatedPeerCall implements SessionListener {

    private static final Problem LEFT = new Problem(Reason.UNKNOWN_MEMBER, "It has left.");

    private final Network.Link link;
    private final NodeLoop callers;
    private final PeerSession caller;
    private String group = "";
    private @Nullable GroupSession session;
    private boolean ended;

    SimulatedPeerCall(Network.Link link, NodeLoop callers, PeerSession caller) {
        this.link = link;
        this.callers = callers;
        this.caller = caller;
    }

    /**
     * @param notice the time after which this end notices a broken connection
     */
    void open(JoinRequest request, Duration notice) {
        NodeGroups groups = link.process.groups();
        if (groups != null) {
            group = request.group();
            session = groups.coordinator().join(request, this);
            watch(notice);
        }
    }

    private void watch(Duration every) {
        link.process.loop.schedule(
                every,
                () -> {
                    if (ended) {
                        return;
                    }
                    if (link.isBroken() || callers.isDead()) {
                        callerDisconnected();
                    } else {
                        watch(every);
                    }
                });
    }

    private void with(Consumer<GroupSession> message) {
        if (!ended && session != null) {
            message.accept(session);
        }
    }

    void heartbeat(long mark) {
        with(groupSession -> groupSession.heartbeat(mark));
    }

    void accepted(String invitation) {
        with(groupSession -> groupSession.accept(invitation));
    }

    void released(List<PartitionId> partitions) {
        with(groupSession -> groupSession.released(partitions));
    }

    void leave() {
        with(groupSession -> {
            var unused = groupSession.leave().thenRun(() -> ended(LEFT));
        });
    }

    void callerDisconnected() {
        with(GroupSession::detach);
        ended = true;
    }

    private void send(Runnable message) {
        if (!ended) {
            link.reply(() -> callers.execute(message));
        }
    }

    private int generation() {
        MetadataReplica replica = link.process.replica();
        return replica == null ? 0 : replica.groups().group(group).map(Group::generation).orElse(0);
    }

    @Override
    public void invited(String memberId) {
        send(() -> caller.deliver(member -> member.invited(memberId)));
    }

    @Override
    public void joined(String memberId) {
        int now = generation();
        send(() -> caller.joined(memberId, now));
    }

    @Override
    public void assigned(int generation, List<AssignedPartition> partitions) {
        send(() -> {
            caller.generationChanged(generation);
            // An empty list does not mean that the member has no partitions.
            if (!partitions.isEmpty()) {
                caller.deliver(member -> member.assigned(generation, partitions));
            }
        });
    }

    @Override
    public void lost(List<PartitionId> partitions) {
        send(() -> caller.deliver(member -> member.lost(partitions)));
    }

    @Override
    public void revoke(List<PartitionId> partitions) {
        send(() -> caller.deliver(member -> member.revoke(partitions)));
    }

    @Override
    public void heartbeatAcknowledged(long mark) {
        send(() -> caller.deliver(member -> member.heartbeatAcknowledged(mark)));
    }

    @Override
    public void ended(Problem problem) {
        send(() -> caller.close(problem));
        ended = true;
    }
}
