package io.millrace.simulation.workload;

import io.millrace.group.AssignedPartition;
import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.GroupSessions;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeGroups;
import io.millrace.simulation.world.NodeLoop;
import io.millrace.simulation.world.NodeProcess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A session of a member over one connection. After a close, all events are dropped except results
 * of commits.
 */
final class SimulatedMemberConnection implements SessionListener {

    enum CoordinatorRoute {
        DIRECT,
        /** A connection to any node, which relays to the coordinator. */
        ROUTED;

        private GroupSessions at(NodeGroups groups) {
            return this == DIRECT ? groups.coordinator() : groups.routed();
        }
    }

    /** A handler of events on the member's event loop. */
    interface MemberEventHandler {
        /** Called for every message of the node. */
        void received();

        void invited(String memberId);

        void joined(String memberId);

        void assigned(int generation, List<AssignedPartition> partitions);

        void revoke(List<PartitionId> partitions);

        void lost(List<PartitionId> partitions);

        void alive(long mark);

        void ended(Problem problem);
    }

    private final Network.Link link;
    private final NodeLoop memberLoop;
    private final MemberEventHandler end;
    private @Nullable GroupSession session;
    private boolean closed;

    /**
     * @param members the member's event loop
     */
    SimulatedMemberConnection(Network.Link link, NodeLoop members, MemberEventHandler end) {
        this.link = link;
        this.memberLoop = members;
        this.end = end;
    }

    /**
     * @param mark the sequence number of the first heartbeat
     * @param notice the time after which the node notices a broken connection
     */
    void join(
            CoordinatorRoute way,
            NodeGroups groups,
            JoinRequest request,
            long mark,
            Duration notice) {
        link.send(() -> {
            GroupSession begun = way.at(groups).join(request, this);
            session = begun;
            begun.heartbeat(mark);
            watch(begun, notice);
        });
    }

    private void watch(GroupSession begun, Duration every) {
        link.process.loop.schedule(
                every,
                () -> {
                    if (closed || memberLoop.isDead() || link.isBroken()) {
                        begun.detach();
                    } else {
                        watch(begun, every);
                    }
                });
    }

    void close() {
        closed = true;
    }

    void report(Consumer<GroupSession> message) {
        link.send(() -> {
            if (session != null) {
                message.accept(session);
            }
        });
    }

    void commit(long number, OffsetCommit commit, Consumer<CommitResult> answer) {
        report(groupSession -> {
            var unused =
                    groupSession
                            .commit(number, List.of(commit))
                            .thenAccept(result ->
                                    link.reply(
                                            () -> memberLoop.execute(() -> answer.accept(result))));
        });
    }

    /** Makes the node hold a commit back, and sends no result. */
    void delayCommit(Duration time, Command.OffsetsCommitted commit) {
        link.send(() ->
                link.process.loop.schedule(
                        time,
                        () -> {
                            NodeGroups groups = link.process.groups();
                            if (groups != null) {
                                var unused =
                                        groups.commits()
                                                .commit(
                                                        commit.group(),
                                                        commit.member(),
                                                        commit.generation(),
                                                        commit.number(),
                                                        commit.commits());
                            }
                        }));
    }

    /**
     * @param question runs on the node's event loop
     * @param answer receives the result on the member's event loop, unless closed
     */
    <T> void request(Function<NodeProcess, CompletableFuture<T>> question, Consumer<T> answer) {
        link.send(() -> {
            var unused =
                    question.apply(link.process)
                            .thenAccept(result ->
                                    link.reply(() ->
                                            memberLoop.execute(() -> {
                                                if (!closed) {
                                                    answer.accept(result);
                                                }
                                            })));
        });
    }

    private void deliver(Runnable received) {
        link.reply(() ->
                memberLoop.execute(() -> {
                    if (!closed) {
                        end.received();
                        received.run();
                    }
                }));
    }

    @Override
    public void invited(String memberId) {
        deliver(() -> end.invited(memberId));
    }

    @Override
    public void joined(String memberId) {
        deliver(() -> end.joined(memberId));
    }

    @Override
    public void assigned(int generation, List<AssignedPartition> partitions) {
        deliver(() -> end.assigned(generation, partitions));
    }

    @Override
    public void revoke(List<PartitionId> partitions) {
        deliver(() -> end.revoke(partitions));
    }

    @Override
    public void lost(List<PartitionId> partitions) {
        deliver(() -> end.lost(partitions));
    }

    @Override
    public void heartbeatAcknowledged(long mark) {
        deliver(() -> end.alive(mark));
    }

    @Override
    public void ended(Problem problem) {
        deliver(() -> end.ended(problem));
    }
}
