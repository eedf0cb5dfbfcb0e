package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.millrace.group.admin.GroupWorld;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of client-side assignment and of the resulting changes in the log. */
final class ClassicRebalanceTest {

    private static final String PROTOCOL = "classic";

    private final GroupWorld world = new GroupWorld();
    private final Topic topic = world.here.createTopic("t", 3);
    private long claim;

    @BeforeEach
    void claim() {
        long incarnation = world.here.metadata().incarnation();
        claim =
                ((Outcome.GroupClaim)
                                world.here.propose(new Command.GroupClaimed("g", incarnation, 0)))
                        .claimEpoch();
    }

    private Group group() {
        return world.group("g");
    }

    private ClassicRebalance round(String... joiners) {
        ClassicRebalance round = new ClassicRebalance(PROTOCOL, group());
        for (String joiner : joiners) {
            assertThat(joins(round, joiner, "range")).isEmpty();
        }
        return round;
    }

    private static Optional<Problem> joins(ClassicRebalance round, String id, String... ways) {
        return round.join(
                new GroupMember(id, "", bytes("details of " + id), ByteString.EMPTY),
                Stream.of(ways)
                        .map(way ->
                                new ClassicRebalance.AssignmentProtocol(
                                        way, bytes(way + " of " + id)))
                        .toList());
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private ClassicRebalance.MemberAssignment share(int... partitions) {
        List<PartitionId> keys = new ArrayList<>();
        for (int partition : partitions) {
            keys.add(new PartitionId(topic.id(), partition));
        }
        return new ClassicRebalance.MemberAssignment(bytes(keys.toString()), Set.copyOf(keys));
    }

    private Outcome applied(
            ClassicRebalance round, Map<String, ClassicRebalance.MemberAssignment> shares) {
        round.close();
        assertThat(round.assign(round.leader(), shares)).isEmpty();
        return world.here.propose(
                new Command.GroupChanged(
                        "g",
                        claim,
                        round.generation(),
                        round.change(group(), world.here.metadata().topics(), ByteString.EMPTY)));
    }

    private Outcome commit(String member, int generation, int partition, long offset) {
        return world.here.propose(
                new Command.OffsetsCommitted(
                        "g",
                        member,
                        generation,
                        List.of(
                                new OffsetCommit(
                                        topic.id(),
                                        partition,
                                        new CommittedOffset(offset, -1, "")))));
    }

    private String holder(int partition) {
        return group().lease(topic.id(), partition).orElseThrow().member();
    }

    @Test
    void leaderAssignmentIsLeased() {
        ClassicRebalance round = round("a", "b");

        assertThat(applied(round, Map.of("a", share(0, 2), "b", share(1))))
                .isEqualTo(new Outcome.Completed());

        assertThat(group().generation()).isEqualTo(round.generation());
        assertThat(group().protocol()).isEqualTo(PROTOCOL);
        assertThat(holder(0)).isEqualTo(holder(2)).isEqualTo("a");
        assertThat(holder(1)).isEqualTo("b");
        assertThat(group().member("b").orElseThrow())
                .isEqualTo(new GroupMember("b", "", bytes("details of b"), share(1).assignment()));
    }

    @Test
    void commitsAreFencedByGeneration() {
        ClassicRebalance first = round("a", "b");
        applied(first, Map.of("a", share(0, 2), "b", share(1)));
        ClassicRebalance second = round("a", "b");
        assertThat(
                        ((Outcome.CommandRejected) commit("a", second.generation(), 0, 1))
                                .problem()
                                .reason())
                .as("before the round is over")
                .isEqualTo(Reason.STALE_GENERATION);
        assertThat(commit("a", first.generation(), 0, 1)).isEqualTo(counts());

        applied(second, Map.of("a", share(0), "b", share(1, 2)));

        assertThat(commit("a", first.generation(), 2, 9)).isEqualTo(notLeased());
        assertThat(commit("a", second.generation(), 2, 9)).isEqualTo(notLeased());
        assertThat(commit("b", first.generation(), 2, 9)).isEqualTo(notLeased());
        assertThat(commit("b", second.generation(), 2, 9)).isEqualTo(counts());
        assertThat(commit("a", first.generation(), 0, 2)).as("it stayed").isEqualTo(counts());
    }

    private static Outcome counts() {
        return new Outcome.Rows(List.of(new RowOutcome.Accepted()));
    }

    private static Outcome notLeased() {
        return new Outcome.Rows(List.of(new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED)));
    }

    @Test
    void rebalanceIsCompleteWhenAllMembersJoined() {
        applied(round("a", "b"), Map.of());
        ClassicRebalance round = new ClassicRebalance(PROTOCOL, group());
        assertThat(round.isComplete()).isFalse();
        joins(round, "c", "range");
        joins(round, "a", "range");
        assertThat(round.isComplete()).isFalse();

        joins(round, "b", "range");

        assertThat(round.isComplete()).isTrue();
    }

    @Test
    void rebalanceDoesNotWaitForLeavingMembers() {
        applied(round("a", "b"), Map.of());
        ClassicRebalance round = new ClassicRebalance(PROTOCOL, group());
        round.leave("a");
        assertThat(round.isComplete()).as("nobody came").isFalse();
        joins(round, "c", "range");
        assertThat(round.isComplete()).isFalse();

        round.leave("b");

        assertThat(round.isComplete()).isTrue();
    }

    @Test
    void memberThatMissesTheRebalanceIsRemoved() {
        applied(round("a", "b"), Map.of("a", share(0), "b", share(1, 2)));

        applied(round("a"), Map.of("a", share(0, 1)));

        assertThat(group().members()).extracting(GroupMember::id).containsExactly("a");
        assertThat(holder(1)).isEqualTo("a");
        assertThat(group().lease(topic.id(), 2)).isEmpty();
    }

    @Test
    void commonProtocolWithMostVotesIsElected() {
        ClassicRebalance round = new ClassicRebalance(PROTOCOL, group());
        joins(round, "a", "new", "range", "sticky");
        joins(round, "b", "sticky", "range");
        joins(round, "c", "sticky", "range", "new");
        round.close();

        assertThat(round.electedProtocol()).isEqualTo("sticky");
        assertThat(round.leader()).isEqualTo("a");
        assertThat(round.metadata())
                .containsOnly(
                        Map.entry("a", bytes("sticky of a")),
                        Map.entry("b", bytes("sticky of b")),
                        Map.entry("c", bytes("sticky of c")));
    }

    @Test
    void memberWithoutCommonProtocolIsRejected() {
        ClassicRebalance round = round("a");

        assertThat(joins(round, "b", "sticky").orElseThrow().reason())
                .isEqualTo(Reason.INVALID_GROUP);
        assertThat(joins(round, "a", "sticky")).as("alone it may change its mind").isEmpty();
    }

    @Test
    void onlyTheLeaderAssignsEachPartitionOnce() {
        ClassicRebalance round = round("a", "b");
        round.close();

        assertThat(round.assign("b", Map.of())).isPresent();
        assertThat(round.assign("a", Map.of("c", share(0)))).isPresent();
        assertThat(round.assign("a", Map.of("a", share(0), "b", share(0)))).isPresent();
        assertThat(round.assignmentOf("a")).isEqualTo(ClassicRebalance.MemberAssignment.EMPTY);
        assertThat(round.assign("a", Map.of("a", share(0)))).isEmpty();
        assertThat(round.assignmentOf("a")).isEqualTo(share(0));
    }

    @Test
    void assignmentRequiresClosedRebalance() {
        ClassicRebalance round = round("a");

        assertThatThrownBy(() -> round.assign("a", Map.of()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void deletedPartitionIsNotLeased() {
        assertThat(applied(round("a"), Map.of("a", share(0, 7))))
                .isEqualTo(new Outcome.Completed());

        assertThat(group().partitions(topic.id())).containsExactly(0);
    }
}
