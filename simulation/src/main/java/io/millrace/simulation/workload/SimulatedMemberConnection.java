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
 * A session of a member over one connection to a node. After the member has closed the connection,
 * all events are dropped except results of commits.
 */
final class SimulatedMemberConnection implements SessionListener {

    /** A route to the coordinator. */
    enum Way {
        /** A connection to the coordinator itself. */
        DIRECT,
        /** A connection to any node, which relays to the coordinator. */
        ROUTED;

        private GroupSessions at(NodeGroups groups) {
            return this == DIRECT ? groups.coordinator() : groups.routed();
        }
    }

    /** A handler of the member's events. Called on the member's event loop. */
    interface End {
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
    private final NodeLoop members;
    private final End end;
    private @Nullable GroupSession session;
    private boolean closed;

    /**
     * @param members the member's event loop
     */
    SimulatedMemberConnection(Network.Link link, NodeLoop members, End end) {
        this.link = link;
        this.members = members;
        this.end = end;
    }

    /**
     * Joins the group.
     *
     * @param mark the sequence number of the first heartbeat
     * @param notice the time after which the node notices a broken connection
     */
    void join(Way way, NodeGroups groups, JoinRequest request, long mark, Duration notice) {
        link.send(() -> {
            GroupSession begun = way.at(groups).join(request, this);
            session = begun;
            begun.alive(mark);
            watch(begun, notice);
        });
    }

    private void watch(GroupSession begun, Duration every) {
        link.process.loop.schedule(
                every,
                () -> {
                    if (closed || members.isDead() || link.isBroken()) {
                        begun.detach();
                    } else {
                        watch(begun, every);
                    }
                });
    }

    /** Drops all further events for the member. */
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
        report(talk -> {
            var unused =
                    talk.commit(number, List.of(commit))
                            .thenAccept(result ->
                                    link.reply(() -> members.execute(() -> answer.accept(result))));
        });
    }

    /** Makes the node hold a commit back for a time, and sends no result. */
    void strand(Duration time, Command.OffsetsCommitted commit) {
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
     * Sends a request that does not belong to the group.
     *
     * @param question the request, run on the node's event loop
     * @param answer receives the result on the member's event loop, unless the member has closed
     *     the connection
     */
    <T> void ask(Function<NodeProcess, CompletableFuture<T>> question, Consumer<T> answer) {
        link.send(() -> {
            var unused =
                    question.apply(link.process)
                            .thenAccept(result ->
                                    link.reply(() ->
                                            members.execute(() -> {
                                                if (!closed) {
                                                    answer.accept(result);
                                                }
                                            })));
        });
    }

    private void back(Runnable received) {
        link.reply(() ->
                members.execute(() -> {
                    if (!closed) {
                        end.received();
                        received.run();
                    }
                }));
    }

    @Override
    public void invited(String memberId) {
        back(() -> end.invited(memberId));
    }

    @Override
    public void joined(String memberId) {
        back(() -> end.joined(memberId));
    }

    @Override
    public void assigned(int generation, List<AssignedPartition> partitions) {
        back(() -> end.assigned(generation, partitions));
    }

    @Override
    public void revoke(List<PartitionId> partitions) {
        back(() -> end.revoke(partitions));
    }

    @Override
    public void lost(List<PartitionId> partitions) {
        back(() -> end.lost(partitions));
    }

    @Override
    public void alive(long mark) {
        back(() -> end.alive(mark));
    }

    @Override
    public void ended(Problem problem) {
        back(() -> end.ended(problem));
    }
}
