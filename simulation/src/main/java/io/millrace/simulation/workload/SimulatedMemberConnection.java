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
 * A session of a member over one connection to a node. What is heard is dropped once the member has
 * closed it, but for the answers to its commits.
 */
final class SimulatedMemberConnection implements SessionListener {

    /** How a member gets to its coordinator. */
    enum Way {
        /** It goes to the node that coordinates. */
        DIRECT,
        /** It goes to any node, which goes on to the one that coordinates. */
        ROUTED;

        private GroupSessions at(NodeGroups groups) {
            return this == DIRECT ? groups.coordinator() : groups.routed();
        }
    }

    /** The member's end; on its loop. */
    interface End {
        /** A sign of life of the node. */
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
     * @param members the member's loop
     */
    SimulatedMemberConnection(Network.Link link, NodeLoop members, End end) {
        this.link = link;
        this.members = members;
        this.end = end;
    }

    /**
     * Begins.
     *
     * @param mark of the first sign of life
     * @param notice after how long the node notices that the connection is gone
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

    /** The member hears nothing of it any more. */
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

    /** Lets the node keep a commit for so long before it gets into the log, and answer nothing. */
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
     * Asks the node something that is not the group's.
     *
     * @param question asked on the node's loop
     * @param answer hears on the member's loop what comes of it, unless it closed this meanwhile
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
