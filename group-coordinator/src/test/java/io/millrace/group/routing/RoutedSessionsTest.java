package io.millrace.group.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.AssignedPartition;
import io.millrace.group.CommitResult;
import io.millrace.group.Coordinators;
import io.millrace.group.GroupMetrics;
import io.millrace.group.GroupSession;
import io.millrace.group.GroupSessions;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.group.TestMember;
import io.millrace.group.coordinator.CoordinatorWorld;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests of members that are connected to a node that does not coordinate their group. */
final class RoutedSessionsTest {

    private final CoordinatorWorld world = new CoordinatorWorld(3, 7);
    private final Topic topic = world.topic("t", 4);
    private final List<BreakableSession> wires = new ArrayList<>();

    private CoordinatorWorld.Node candidate() {
        String name =
                new Coordinators(world.first().metadata.metadata(), world::members)
                        .of("g")
                        .orElseThrow()
                        .node();
        return world.nodes.stream()
                .filter(node -> node.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the sessions at a node that does not coordinate the group. */
    private GroupSessions elsewhere() {
        CoordinatorWorld.Node coordinates = candidate();
        CoordinatorWorld.Node here =
                world.nodes.stream().filter(node -> node != coordinates).findFirst().orElseThrow();
        return new RoutedSessions(
                here.metadata.metadata(),
                here.coordinator,
                (host, port) ->
                        (request, listener) ->
                                new BreakableSession(
                                        host,
                                        new GroupCommits(
                                                here.faults, new GroupMetrics(here.registry)),
                                        request,
                                        listener),
                new Coordinators(here.metadata.metadata(), world::members),
                () -> here.name);
    }

    private TestMember join(GroupSessions sessions) {
        TestMember member = new TestMember(world.loop, "g", "", CoordinatorWorld.subscribedTo("t"));
        world.loop.call(() -> member.join(sessions, false));
        member.keepSendingHeartbeats(Duration.ofSeconds(1));
        world.advance(Duration.ofSeconds(2));
        return member;
    }

    private static Reason reason(TestMember member) {
        Problem why = member.ended;
        if (why == null) {
            throw new AssertionError("its session goes on");
        }
        return why.reason();
    }

    private static PartitionId key(Topic topic, int partition) {
        return new PartitionId(topic.id(), partition);
    }

    /** Stops the coordinator and breaks its connections. */
    private void kill(CoordinatorWorld.Node node) {
        node.isLive = false;
        world.nodes.remove(node);
        wires.stream()
                .filter(wire -> wire.host.equals(node.name + ".host"))
                .forEach(BreakableSession::tear);
    }

    @Test
    void aMemberHasItsPartitionsWhereverItsCoordinatorIs() {
        TestMember member = join(elsewhere());

        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(world.coordinator()).isEqualTo(candidate());
        assertThat(wires).hasSize(1);
    }

    @Test
    void coordinatorFailoverIsTransparentToTheMember() {
        TestMember member = join(elsewhere());
        CoordinatorWorld.Node dead = world.coordinator();

        kill(dead);
        world.advance(Duration.ofSeconds(5));
        dead.close();
        for (int second = 0; second < 30; second++) {
            world.advance(Duration.ofSeconds(1));
            assertThat(CoordinatorWorld.partitions(topic)).allMatch(member::hasRightTo);
        }

        assertThat(world.coordinator()).isNotEqualTo(dead);
        assertThat(member.joins).isEqualTo(1);
        assertThat(member.disturbed).isEmpty();
        assertThat(member.ended).isNull();
    }

    @Test
    void commitsWithoutACoordinatorWaitForTheNext() {
        TestMember member = join(elsewhere());
        CoordinatorWorld.Node dead = world.coordinator();
        kill(dead);
        world.advance(Duration.ofSeconds(1));

        CompletableFuture<CommitResult> first = member.commit(key(topic, 0), 5);
        CompletableFuture<CommitResult> second = member.commit(key(topic, 0), 6);
        assertThat(first).isNotDone();
        dead.close();
        world.advance(Duration.ofSeconds(10));

        assertThat(first.join()).isInstanceOf(CommitResult.Judged.class);
        assertThat(second.join()).isInstanceOf(CommitResult.Judged.class);
        assertThat(world.group().committed(topic.id(), 0)).contains(new CommittedOffset(6, -1, ""));
    }

    @Test
    void releaseDuringFailoverReachesTheNextCoordinator() {
        GroupSessions sessions = elsewhere();
        TestMember member = join(sessions);
        member.releasesAtOnce = false;
        TestMember other = join(sessions);
        assertThat(member.revoked).hasSize(2);
        CoordinatorWorld.Node dead = world.coordinator();
        kill(dead);
        world.advance(Duration.ofSeconds(1));

        member.commit(member.revoked.getFirst(), 3);
        member.release(List.copyOf(member.revoked));
        dead.close();
        world.advance(Duration.ofSeconds(15));

        assertThat(other.owned).hasSize(2);
        assertThat(member.owned).hasSize(2);
        assertThat(member.ended).isNull();
    }

    @Test
    void leaveDuringFailoverReachesTheNextCoordinator() {
        GroupSessions sessions = elsewhere();
        TestMember member = join(sessions);
        TestMember other = join(sessions);
        CoordinatorWorld.Node dead = world.coordinator();
        kill(dead);
        world.advance(Duration.ofSeconds(1));

        CompletableFuture<Void> left = member.leave();
        dead.close();
        world.advance(Duration.ofSeconds(15));

        assertThat(left).isDone();
        assertThat(other.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void withoutACoordinatorForASessionTimeoutTheSessionEnds() {
        TestMember member = join(elsewhere());
        CoordinatorWorld.Node dead = world.coordinator();
        kill(dead);

        world.advance(CoordinatorWorld.SESSION.plusSeconds(2));

        assertThat(reason(member)).isEqualTo(Reason.NOT_COORDINATOR);
    }

    @Test
    void aCommitThatNoCoordinatorTookFailsAsTheSessionDoes() {
        TestMember member = join(elsewhere());
        kill(world.coordinator());
        world.advance(Duration.ofSeconds(1));

        CompletableFuture<CommitResult> commit = member.commit(key(topic, 0), 5);
        world.advance(CoordinatorWorld.SESSION.plusSeconds(2));

        assertThat(commit.join())
                .isInstanceOfSatisfying(
                        CommitResult.Failed.class,
                        failed -> assertThat(failed.problem().retriable()).isTrue());
    }

    @Test
    void whoIsTakenForDeadHearsIt() {
        GroupSessions sessions = elsewhere();
        TestMember member = join(sessions);
        member.cut();
        TestMember again = new TestMember(world.loop, "g", "", CoordinatorWorld.subscribedTo("t"));
        again.id = "nobody";
        world.loop.call(() -> again.join(sessions, false));
        world.advance(Duration.ofSeconds(2));

        assertThat(reason(again)).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void aMemberWhoseConnectionToTheCoordinatorBreaksGoesOnThere() {
        TestMember member = join(elsewhere());

        wires.getFirst().tear();
        world.advance(Duration.ofSeconds(1));
        member.heartbeat();
        world.advance(Duration.ofSeconds(1));

        assertThat(wires).hasSize(2);
        assertThat(member.joins).isEqualTo(1);
        assertThat(member.disturbed).isEmpty();
        assertThat(CoordinatorWorld.partitions(topic)).allMatch(member::hasRightTo);
    }

    @Test
    void abandonedSessionDoesNotEndTheMembersNewSession() {
        TestMember member = join(elsewhere());
        wires.getFirst().hang();
        member.cut();
        TestMember moved = new TestMember(world.loop, "g", "", CoordinatorWorld.subscribedTo("t"));
        moved.id = member.id;
        world.loop.call(() -> moved.join(elsewhere(), false));
        moved.keepSendingHeartbeats(Duration.ofSeconds(1));
        world.advance(CoordinatorWorld.SESSION.dividedBy(2).plusSeconds(1));

        wires.getFirst().tear();
        for (int second = 0; second < 30; second++) {
            world.advance(Duration.ofSeconds(1));
            assertThat(CoordinatorWorld.partitions(topic)).allMatch(moved::hasRightTo);
        }

        assertThat(moved.ended).isNull();
        assertThat(moved.disturbed).isEmpty();
        assertThat(wires).hasSize(2);
    }

    @Test
    void silentMemberResumesWithItsNextHeartbeat() {
        TestMember member = new TestMember(world.loop, "g", "", CoordinatorWorld.subscribedTo("t"));
        world.loop.call(() -> member.join(elsewhere(), false));
        world.advance(CoordinatorWorld.SESSION.dividedBy(2).plusSeconds(1));
        wires.getFirst().tear();
        world.advance(Duration.ofSeconds(1));
        assertThat(wires).hasSize(1);

        member.heartbeat();
        world.advance(Duration.ofSeconds(1));

        assertThat(wires).hasSize(2);
        assertThat(member.joins).isEqualTo(1);
        assertThat(CoordinatorWorld.partitions(topic)).allMatch(member::hasRightTo);
    }

    @Test
    void aPartitionThatComesBackBeginsBehindWhatWasCommittedThroughAnotherNode() {
        GroupSessions sessions = elsewhere();
        TestMember member = join(sessions);
        member.releasesAtOnce = false;
        TestMember other = join(sessions);
        other.leave();
        world.advance(Duration.ofSeconds(2));
        PartitionId back = member.revoked.getFirst();

        member.commit(back, 42);
        member.release(List.of(back));
        world.advance(Duration.ofSeconds(2));

        assertThat(member.owned.get(back)).contains(new CommittedOffset(42, -1, ""));
    }

    /**
     * A connection of a session to another node, with latency, that can break. Commits take a
     * different route.
     */
    private final class BreakableSession implements GroupSession {

        private static final Duration LATENCY = Duration.ofMillis(1);

        private final String host;
        private final GroupCommits commits;
        private final SessionListener member;
        private String memberId = "";
        private int generation;
        private CoordinatorWorld.@Nullable Node node;
        private @Nullable GroupSession there;
        private boolean torn;
        private boolean hangs;

        private BreakableSession(
                String host, GroupCommits commits, JoinRequest request, SessionListener member) {
            this.host = host;
            this.commits = commits;
            this.member = member;
            wires.add(this);
            world.loop.schedule(LATENCY, () -> arrive(request));
        }

        private void arrive(JoinRequest request) {
            if (torn) {
                return;
            }
            world.nodes.stream()
                    .filter(candidate -> host.equals(candidate.name + ".host"))
                    .findFirst()
                    .ifPresentOrElse(
                            found -> {
                                node = found;
                                there = found.coordinator.join(request, new ReturnPath());
                            },
                            this::tear);
        }

        /** Drops all messages; neither end notices until {@link #tear}. */
        private void hang() {
            hangs = true;
        }

        /** Breaks the connection; both ends notice. */
        private void tear() {
            if (!torn) {
                torn = true;
                if (there != null) {
                    there.detach();
                }
                world.loop.execute(
                        () -> member.ended(new Problem(Reason.NOT_COORDINATOR, "It broke.")));
            }
        }

        private void send(Runnable message) {
            world.loop.schedule(
                    LATENCY,
                    () -> {
                        if (!torn && !hangs) {
                            message.run();
                        }
                    });
        }

        private GroupSession there() {
            GroupSession session = there;
            if (session == null) {
                throw new AssertionError("nothing overtakes the join");
            }
            return session;
        }

        @Override
        public void heartbeat(long mark) {
            send(() -> there().heartbeat(mark));
        }

        @Override
        public void accept(String invitation) {
            send(() -> there().accept(invitation));
        }

        @Override
        public void released(Collection<PartitionId> partitions) {
            send(() -> there().released(partitions));
        }

        @Override
        public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
            return commits.commit("g", memberId, generation, number, offsets);
        }

        @Override
        public CompletableFuture<Void> leave() {
            CompletableFuture<Void> left = new CompletableFuture<>();
            send(() -> there().leave().thenRun(() -> left.complete(null)));
            return left;
        }

        @Override
        public void detach() {
            torn = true;
            if (there != null) {
                there.detach();
            }
        }

        /** The direction from the coordinator to the member. */
        private final class ReturnPath implements SessionListener {

            @Override
            public void invited(String invitation) {
                send(() -> member.invited(invitation));
            }

            @Override
            public void joined(String id) {
                int now =
                        Objects.requireNonNull(node)
                                .metadata
                                .metadata()
                                .groups()
                                .group("g")
                                .orElseThrow()
                                .generation();
                send(() -> {
                    memberId = id;
                    generation = now;
                    member.joined(id);
                });
            }

            @Override
            public void assigned(int generation, List<AssignedPartition> partitions) {
                send(() -> {
                    BreakableSession.this.generation = generation;
                    member.assigned(generation, partitions);
                });
            }

            @Override
            public void revoke(List<PartitionId> partitions) {
                send(() -> member.revoke(partitions));
            }

            @Override
            public void lost(List<PartitionId> partitions) {
                send(() -> member.lost(partitions));
            }

            @Override
            public void ended(Problem problem) {
                if (!torn && !hangs) {
                    torn = true;
                    world.loop.schedule(LATENCY, () -> member.ended(problem));
                }
            }

            @Override
            public void heartbeatAcknowledged(long mark) {
                send(() -> member.heartbeatAcknowledged(mark));
            }
        }
    }
}
