package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.group.classic.AssignmentProtocol;
import io.millrace.group.classic.ClassicDescription;
import io.millrace.group.classic.ClassicError;
import io.millrace.group.classic.ClassicJoin;
import io.millrace.group.classic.ClassicState;
import io.millrace.group.classic.JoinAnswer;
import io.millrace.group.classic.MemberOfGeneration;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests of groups with client-side assignment, in virtual time, against the log. */
final class ClassicGroupsTest {

    private final CoordinatorWorld world = new CoordinatorWorld(1, 1);
    private final Topic topic = world.topic("t", 4);
    private final List<ClassicClient> alive = new ArrayList<>();

    private ClassicGroups groups() {
        return world.first().coordinator.classicGroups();
    }

    private ClassicClient client(String name, String instanceId) {
        ClassicClient client = new ClassicClient(world::settle, name, instanceId, groups(), topic);
        alive.add(client);
        return client;
    }

    private ClassicClient joins(String name) {
        return joins(name, "");
    }

    private ClassicClient joins(String name, String instanceId) {
        ClassicClient client = client(name, instanceId);
        client.join();
        return client;
    }

    /** Lets time pass while the clients that do not wait for an answer send heartbeats. */
    private void run(Duration time) {
        for (int i = 0; i < time.toSeconds(); i++) {
            world.advance(Duration.ofSeconds(1));
            for (ClassicClient client : alive) {
                if (!client.isWaiting() && !client.id.isEmpty()) {
                    client.heartbeat();
                }
            }
        }
    }

    private void stabilise() {
        run(Duration.ofSeconds(8));
    }

    private <T> T await(CompletableFuture<T> answer) {
        world.settle();
        return answer.join();
    }

    private ClassicDescription description() {
        return groups().describe("g").orElseThrow();
    }

    private Optional<String> holder(int partition) {
        return world.group().lease(topic.id(), partition).map(Lease::member);
    }

    private Object commit(String member, int generation, int partition) {
        Command.OffsetsCommitted command =
                new Command.OffsetsCommitted(
                        "g",
                        member,
                        generation,
                        List.of(
                                new OffsetCommit(
                                        topic.id(), partition, new CommittedOffset(7, -1, ""))));
        CompletableFuture<Proposal> proposal =
                world.first().metadata.metadata().propose(command, Priority.BACKGROUND);
        world.settle();
        return switch (proposal.join()) {
            case Proposal.Applied(Outcome.Rows(List<RowOutcome> rows), long nanos) ->
                    rows.getFirst();
            case Proposal.Applied(Outcome.CommandRejected(var problem), long nanos) ->
                    problem.reason();
            case Proposal other -> throw new AssertionError(other);
        };
    }

    @Test
    void aRefusedSessionTimeoutLeavesNoGroup() {
        AssignmentProtocol range = new AssignmentProtocol("range", ByteString.EMPTY);
        ClassicJoin join =
                new ClassicJoin(
                        "",
                        "",
                        "consumer",
                        List.of(range),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(30),
                        "client",
                        "/host",
                        false,
                        false);

        assertThat(await(groups().join("g", join)))
                .isEqualTo(new JoinAnswer.Refused("", ClassicError.INVALID_SESSION_TIMEOUT));
        assertThat(world.first().metadata.metadata().groups().group("g")).isEmpty();
    }

    @Test
    void groupsAreCountedByStateAndRebalancesAreCounted() {
        joins("a");
        run(Duration.ofSeconds(1));
        run(GroupMaintenance.INTERVAL.plusSeconds(8));
        assertThat(gauge("coordinated", "protocol", "classic")).isEqualTo(1);
        assertThat(gauge("coordinated", "protocol", "consumer")).isZero();
        assertThat(gauge("members", "protocol", "classic")).isEqualTo(1);
        assertThat(gauge("classic", "state", "stable")).isEqualTo(1);
        assertThat(rebalances()).isEqualTo(1);

        joins("b");
        run(GroupMaintenance.INTERVAL.plusSeconds(8));
        assertThat(gauge("members", "protocol", "classic")).isEqualTo(2);
        assertThat(rebalances()).isEqualTo(2);
    }

    private double gauge(String name, String tag, String value) {
        return world.first().registry.get("millrace.group." + name).tag(tag, value).gauge().value();
    }

    private double rebalances() {
        return world.first().registry.get("millrace.group.rebalances").counter().count();
    }

    @Test
    void firstRebalanceWaitsForMembersAndLeasesTheAssignment() {
        ClassicClient a = joins("a");
        ClassicClient b = joins("b");
        world.settle();
        assertThat(description().state()).isEqualTo(ClassicState.PREPARING_REBALANCE);

        stabilise();

        assertThat(a.generation).isEqualTo(b.generation).isEqualTo(world.group().generation());
        assertThat(a.leads).isTrue();
        assertThat(a.text()).isEqualTo("[0, 2]");
        assertThat(b.text()).isEqualTo("[1, 3]");
        assertThat(holder(2)).contains(a.id);
        assertThat(holder(3)).contains(b.id);
        assertThat(description().state()).isEqualTo(ClassicState.STABLE);
        assertThat(description().protocol()).isEqualTo("range");
        assertThat(description().members())
                .extracting(ClassicDescription.Member::clientId)
                .containsExactly("a", "b");
    }

    @Test
    void newMemberIsToldItsIdBeforeItCounts() {
        JoinAnswer first = await(groups().join("g", client("a", "").request()));

        assertThat(first)
                .isInstanceOfSatisfying(
                        JoinAnswer.Refused.class,
                        refused -> {
                            assertThat(refused.error()).isEqualTo(ClassicError.MEMBER_ID_REQUIRED);
                            assertThat(refused.memberId()).startsWith("a-");
                        });
        assertThat(description().members()).isEmpty();
    }

    @Test
    void promisedIdExpires() {
        ClassicClient a = client("a", "");
        a.id = await(groups().join("g", a.request())).memberId();
        world.advance(ClassicClient.SESSION.plusSeconds(1));

        a.join();
        world.settle();

        assertThat(a.error).contains(ClassicError.UNKNOWN_MEMBER);
    }

    @Test
    void joiningAndLeavingMembersCauseRebalances() {
        ClassicClient a = joins("a");
        stabilise();
        assertThat(a.text()).isEqualTo("[0, 1, 2, 3]");

        ClassicClient b = joins("b");
        stabilise();
        assertThat(a.text()).isEqualTo("[0, 2]");
        assertThat(holder(1)).contains(b.id);

        CompletableFuture<?> left = b.leave();
        alive.remove(b);
        world.settle();
        assertThat(left).isCompleted();
        stabilise();
        assertThat(a.text()).isEqualTo("[0, 1, 2, 3]");
        assertThat(world.group().members()).extracting(GroupMember::id).containsExactly(a.id);
    }

    @Test
    void lastMemberLeavesAnEmptyGroupInTheLog() {
        ClassicClient a = joins("a");
        stabilise();
        commit(a.id, a.generation, 0);
        assertThat(commit("", -1, 0)).isEqualTo(Reason.GROUP_NOT_EMPTY);

        CompletableFuture<?> left = a.leave();
        world.settle();

        assertThat(left).isCompleted();
        assertThat(world.group().members()).isEmpty();
        assertThat(description().state()).isEqualTo(ClassicState.EMPTY);
        assertThat(description().protocolType()).isEqualTo("consumer");
        assertThat(commit("", -1, 0)).isEqualTo(new RowOutcome.Accepted());
    }

    @Test
    void silentMemberIsRemoved() {
        ClassicClient a = joins("a");
        ClassicClient b = joins("b");
        stabilise();
        alive.remove(b);

        run(ClassicClient.SESSION.plusSeconds(8));

        assertThat(a.text()).isEqualTo("[0, 1, 2, 3]");
        assertThat(b.heartbeat()).contains(ClassicError.UNKNOWN_MEMBER);
    }

    @Test
    void memberThatMissesTheRebalanceIsRemovedAfterTheRebalanceTimeout() {
        ClassicClient a = joins("a");
        ClassicClient b = joins("b");
        stabilise();
        alive.remove(b);
        ClassicClient c = joins("c");

        for (int i = 0; i < ClassicClient.REBALANCE.toSeconds() + 3; i++) {
            run(Duration.ofSeconds(1));
            // Keeps its session, and does not join.
            await(groups().heartbeat("g", b.caller()));
        }

        assertThat(description().members()).hasSize(2);
        assertThat(c.text()).isEqualTo("[1, 3]");
        assertThat(a.text()).isEqualTo("[0, 2]");
        assertThat(b.heartbeat()).contains(ClassicError.UNKNOWN_MEMBER);
    }

    @Test
    void memberThatDoesNotAskForItsAssignmentIsRemoved() {
        ClassicClient a = client("a", "");
        a.syncsByItself = false;
        a.join();
        stabilise();
        assertThat(description().state()).isEqualTo(ClassicState.COMPLETING_REBALANCE);
        String former = a.id;

        run(ClassicClient.REBALANCE.plusSeconds(3));

        assertThat(description().members())
                .extracting(ClassicDescription.Member::memberId)
                .doesNotContain(former);
    }

    @Test
    void commitsAreFencedByLeases() {
        ClassicClient a = joins("a");
        stabilise();
        int first = a.generation;
        assertThat(commit(a.id, first, 1)).isEqualTo(new RowOutcome.Accepted());

        ClassicClient b = joins("b");
        stabilise();

        assertThat(commit(a.id, first, 0)).as("it stayed").isEqualTo(new RowOutcome.Accepted());
        assertThat(commit(a.id, a.generation, 1))
                .isEqualTo(new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED));
        assertThat(commit(b.id, b.generation, 1)).isEqualTo(new RowOutcome.Accepted());
        assertThat(groups().commit("g", new MemberOfGeneration(a.id, "", a.generation + 1)))
                .contains(ClassicError.ILLEGAL_GENERATION);
    }

    /** A cooperative member learns from its assignment which partitions it must release. */
    @Test
    void memberCommitsPartitionsThatItReleasesUntilTheyAreAssigned() {
        ClassicClient a = joins("a");
        stabilise();
        a.unassigned = Set.of(1, 3);
        ClassicClient b = joins("b");
        stabilise();
        assertThat(a.text()).isEqualTo("[0, 2]");
        assertThat(b.text()).isEqualTo("[]");
        int released = a.generation;

        assertThat(commit(a.id, released, 1)).isEqualTo(new RowOutcome.Accepted());
        assertThat(commit(b.id, b.generation, 1))
                .isEqualTo(new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED));

        a.unassigned = Set.of();
        a.join();
        stabilise();
        assertThat(b.text()).isEqualTo("[1, 3]");
        assertThat(commit(a.id, released, 1))
                .isEqualTo(new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED));
        assertThat(commit(a.id, a.generation, 1))
                .isEqualTo(new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED));
        assertThat(commit(b.id, b.generation, 1)).isEqualTo(new RowOutcome.Accepted());
    }

    @Test
    void partitionThatTwoRebalancesLeaveUnassignedIsNotLeased() {
        ClassicClient a = joins("a");
        stabilise();
        a.unassigned = Set.of(1);
        a.join();
        stabilise();
        assertThat(holder(1)).contains(a.id);

        a.join();
        stabilise();

        assertThat(holder(0)).contains(a.id);
        assertThat(holder(1)).isEmpty();
    }

    @Test
    void restartedStaticMemberKeepsItsAssignmentWithoutARebalance() {
        ClassicClient a = joins("a", "one");
        ClassicClient b = joins("b", "two");
        stabilise();
        int before = a.generation;
        alive.remove(b);
        String former = holder(1).orElseThrow();

        ClassicClient restarted = joins("b", "two");
        stabilise();

        assertThat(restarted.text()).isEqualTo("[1, 3]");
        assertThat(holder(1)).contains(restarted.id);
        assertThat(restarted.id).isNotEqualTo(former);
        assertThat(a.generation).as("no rebalance").isEqualTo(before);
        assertThat(commit(restarted.id, restarted.generation, 1))
                .isEqualTo(new RowOutcome.Accepted());
        assertThat(commit(former, before, 1)).isEqualTo(Reason.UNKNOWN_MEMBER);
        assertThat(b.heartbeat()).contains(ClassicError.FENCED_INSTANCE);
    }

    @Test
    void restartedStaticLeaderSkipsTheAssignment() {
        ClassicClient a = joins("a", "one");
        joins("b", "two");
        stabilise();
        assertThat(a.leads).isTrue();
        alive.remove(a);

        ClassicClient restarted = joins("a", "one");
        stabilise();

        assertThat(restarted.leads).isTrue();
        assertThat(restarted.skipped).isTrue();
        assertThat(restarted.members).hasSize(2);
        assertThat(restarted.text()).isEqualTo("[0, 2]");
    }

    @Test
    void staticMemberIsRemovedByAnAdministrator() {
        ClassicClient a = joins("a", "one");
        ClassicClient b = joins("b", "two");
        stabilise();
        alive.remove(b);

        List<Optional<ClassicError>> removed =
                await(
                        groups().leave(
                                        "g",
                                        List.of(
                                                new ClassicGroups.Leaving("", "two"),
                                                new ClassicGroups.Leaving("", "three"))));
        stabilise();

        assertThat(removed)
                .containsExactly(Optional.empty(), Optional.of(ClassicError.UNKNOWN_MEMBER));
        assertThat(a.text()).isEqualTo("[0, 1, 2, 3]");
    }

    @Test
    void memberRemovedThroughTheLogIsRemovedFromTheGroup() {
        ClassicClient a = joins("a");
        ClassicClient b = joins("b");
        stabilise();
        alive.remove(b);

        world.first()
                .metadata
                .metadata()
                .propose(new Command.MembersRemoved("g", List.of(b.id)), Priority.BACKGROUND);
        stabilise();

        assertThat(a.text()).isEqualTo("[0, 1, 2, 3]");
        assertThat(b.heartbeat()).contains(ClassicError.UNKNOWN_MEMBER);
    }

    @Test
    void groupsWithoutPartitionsHaveNoLeases() {
        ClassicClient a = client("worker", "");
        a.protocolType = "connect";
        a.join();
        stabilise();

        assertThat(a.text()).isEqualTo("[0, 1, 2, 3]");
        assertThat(world.group().topics()).isEmpty();
        assertThat(description().protocolType()).isEqualTo("connect");
    }

    @Test
    void memberWithoutCommonProtocolIsRefused() {
        joins("a");
        stabilise();
        ClassicClient b = client("b", "");
        b.protocols = b.protocols("sticky");
        b.join();
        ClassicClient c = client("c", "");
        c.protocolType = "connect";
        c.join();
        world.settle();

        assertThat(b.error).contains(ClassicError.INCONSISTENT_PROTOCOL);
        assertThat(c.error).contains(ClassicError.INCONSISTENT_PROTOCOL);
    }

    @Test
    void kindsOfMembersExcludeEachOtherUntilTheyHaveLeft() {
        var stream = world.join(CoordinatorWorld.subscribedTo("t"));
        world.advance(Duration.ofSeconds(1));
        ClassicClient a = joins("a");
        world.settle();
        assertThat(a.error).contains(ClassicError.INCONSISTENT_PROTOCOL);

        stream.leave();
        world.settle();
        a.join();
        stabilise();
        assertThat(a.text()).isEqualTo("[0, 1, 2, 3]");

        var other = world.join(CoordinatorWorld.subscribedTo("t"));
        world.settle();
        assertThat(Objects.requireNonNull(other.ended).reason()).isEqualTo(Reason.INVALID_GROUP);
    }

    @Test
    void newCoordinatorNeedsNoRebalance() {
        ClassicClient a = joins("a");
        ClassicClient b = joins("b", "two");
        stabilise();
        CoordinatorWorld.Node next = world.add();
        world.advance(Duration.ofSeconds(2));
        world.first().cutOff();
        next.metadata
                .metadata()
                .propose(
                        new Command.IncarnationClosed(world.group().coordinator().orElseThrow()),
                        Priority.BACKGROUND);
        world.advance(Duration.ofSeconds(1));
        a.groups = next.coordinator.classicGroups();
        b.groups = next.coordinator.classicGroups();

        run(Duration.ofSeconds(20));

        assertThat(next.coordinator.classicGroups().describe("g").orElseThrow().state())
                .isEqualTo(ClassicState.STABLE);
        assertThat(a.heartbeat()).isEmpty();
        assertThat(b.heartbeat()).isEmpty();
        assertThat(a.generation).isEqualTo(1);
        a.join();
        stabilise();
        assertThat(a.text()).as("a rebalance works").isEqualTo("[0, 2]");
        assertThat(a.generation).isGreaterThan(1);
    }
}
