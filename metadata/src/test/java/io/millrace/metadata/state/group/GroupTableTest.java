package io.millrace.metadata.state.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GroupTableTest {

    private static final long NODE = 1;
    private static final long OTHER = 2;
    private static final RowOutcome COUNTS = new RowOutcome.Accepted();

    private MetadataState state = new MetadataState();
    private final Map<Long, Long> n = new HashMap<>();
    private long topic;

    @BeforeEach
    void raise() {
        topic = createTopic("orders", 40);
    }

    private long createTopic(String name, int partitions) {
        return switch (apply(NODE, new Command.TopicCreated(name, partitions, Map.of()))) {
            case Outcome.TopicReady(Topic ready) -> ready.id();
            case Outcome other -> throw new AssertionError(other);
        };
    }

    private Outcome apply(long node, Command command) {
        ApplyResult applied =
                state.apply(new Entry(node, n.merge(node, 1L, Long::sum), List.of(command)));
        return ((ApplyResult.Outcomes) applied).outcomes().getFirst();
    }

    private long claim(long node, long after) {
        return switch (apply(node, new Command.GroupClaimed("g", node, after))) {
            case Outcome.GroupClaim(long epoch) -> epoch;
            case Outcome other -> throw new AssertionError(other);
        };
    }

    private Group group() {
        return state.groups().group("g").orElseThrow();
    }

    private static GroupMember member(String id) {
        return new GroupMember(id, "", ByteString.copyFromUtf8("of " + id), ByteString.EMPTY);
    }

    private Outcome change(long claim, int generation, List<LeaseChange> leases, String... joined) {
        return change(claim, generation, List.of(), leases, joined);
    }

    private Outcome change(
            long claim,
            int generation,
            List<String> left,
            List<LeaseChange> leases,
            String... joined) {
        List<GroupMember> members = Stream.of(joined).map(GroupTableTest::member).toList();
        return change(NODE, claim, generation, left, leases, members);
    }

    private Outcome change(
            long node,
            long claim,
            int generation,
            List<String> left,
            List<LeaseChange> leases,
            List<GroupMember> joined) {
        return apply(
                node,
                new Command.GroupChanged(
                        "g",
                        claim,
                        generation,
                        new GroupChange("sticky", ByteString.EMPTY, left, joined, leases)));
    }

    private LeaseChange lease(int partition, String member) {
        return new LeaseChange(topic, partition, member);
    }

    private Outcome commit(String member, int generation, int partition, long offset) {
        return commit(member, generation, partition, offset, "");
    }

    private Outcome commit(String member, int generation, int partition, long offset, String text) {
        return apply(
                OTHER,
                new Command.OffsetsCommitted(
                        "g",
                        member,
                        generation,
                        List.of(
                                new OffsetCommit(
                                        topic, partition, new CommittedOffset(offset, -1, text)))));
    }

    private long committed(int partition) {
        return group().committed(topic, partition).map(CommittedOffset::offset).orElse(-1L);
    }

    private static void assertRejected(Outcome outcome, Reason reason) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.CommandRejected.class,
                        rejected -> {
                            assertThat(rejected.problem().reason()).isEqualTo(reason);
                            assertThat(rejected.problem().message()).endsWith(".");
                        });
    }

    private static void assertRowRejected(Outcome outcome, Reason reason) {
        assertThat(outcome).isEqualTo(new Outcome.Rows(List.of(new RowOutcome.Rejected(reason))));
    }

    private static void assertAccepted(Outcome outcome) {
        assertThat(outcome).isEqualTo(new Outcome.Rows(List.of(COUNTS)));
    }

    @Test
    void aClaimOverAnOpenNodesIsRefused() {
        long claim = claim(NODE, 0);

        assertRejected(
                apply(OTHER, new Command.GroupClaimed("g", OTHER, claim)), Reason.NOT_COORDINATOR);
        assertThat(group().coordinator()).hasValue(NODE);
    }

    @Test
    void theFirstOfTwoClaimsOfAFreeGroupWins() {
        claim(NODE, 0);

        assertRejected(
                apply(OTHER, new Command.GroupClaimed("g", OTHER, 0)), Reason.NOT_COORDINATOR);
    }

    @Test
    void aReleasedGroupOrOneOfADeadNodeCanBeClaimed() {
        long claim = claim(NODE, 0);
        apply(OTHER, new Command.IncarnationClosed(NODE));
        assertThat(group().coordinator()).isEmpty();

        long second = claim(OTHER, claim);
        apply(OTHER, new Command.GroupReleased("g", second));

        assertThat(group().coordinator()).isEmpty();
        assertThat(claim(3, second)).isGreaterThan(second);
        assertThat(group().coordinator()).hasValue(3);
    }

    @Test
    void commandsOfAFormerCoordinatorAreRejected() {
        long stale = claim(NODE, 0);
        apply(NODE, new Command.GroupReleased("g", stale));
        long claim = claim(OTHER, stale);

        assertRejected(change(stale, 1, List.of(), "a"), Reason.NOT_COORDINATOR);
        assertRejected(change(claim, 1, List.of(), "a"), Reason.NOT_COORDINATOR);
        assertRejected(apply(NODE, new Command.GroupReleased("g", claim)), Reason.NOT_COORDINATOR);
        assertThat(group().members()).isEmpty();
    }

    @Test
    void aClaimOfADeletedGroupIsVoid() {
        long stale = claim(NODE, 0);
        apply(NODE, new Command.GroupDeleted("g"));
        long claim = claim(NODE, 0);

        assertThat(claim).isNotEqualTo(stale);
        assertRejected(change(stale, 1, List.of(), "a"), Reason.NOT_COORDINATOR);
    }

    @Test
    void aNodeClaimsForItselfOnly() {
        assertRejected(
                apply(NODE, new Command.GroupClaimed("g", OTHER, 0)), Reason.NOT_COORDINATOR);
    }

    @Test
    void aGenerationFollowsTheOneBefore() {
        long claim = claim(NODE, 0);
        assertThat(change(claim, 1, List.of(), "a")).isEqualTo(new Outcome.Completed());

        assertRejected(change(claim, 1, List.of(), "b"), Reason.STALE_GENERATION);
        assertRejected(change(claim, 3, List.of(), "b"), Reason.STALE_GENERATION);
        assertThat(group().members()).containsExactly(member("a"));
    }

    @Test
    void onlyTheHolderOfTheLeaseCommitsAndMayGoBack() {
        long claim = claim(NODE, 0);
        change(claim, 1, List.of(lease(0, "a"), lease(1, "b")), "a", "b");

        assertAccepted(commit("a", 1, 0, 50));
        assertAccepted(commit("a", 1, 0, 7));
        assertRowRejected(commit("b", 1, 0, 60), Reason.PARTITION_NOT_LEASED);
        assertRowRejected(commit("a", 1, 2, 60), Reason.PARTITION_NOT_LEASED);
        assertThat(committed(0)).isEqualTo(7);
        assertThat(committed(2)).isEqualTo(-1);
    }

    @Test
    void aKeptLeaseAcceptsCommitsOfEveryLaterGeneration() {
        long claim = claim(NODE, 0);
        change(claim, 1, List.of(lease(0, "a")), "a");
        change(claim, 2, List.of(), "b");

        assertAccepted(commit("a", 1, 0, 5));
        assertAccepted(commit("a", 2, 0, 6));
        assertRejected(commit("a", 3, 0, 7), Reason.STALE_GENERATION);
        assertRejected(commit("a", -1, 0, 7), Reason.STALE_GENERATION);
    }

    @Test
    void aCommitFromBeforeALostLeaseDoesNotCountAfterReassignment() {
        long claim = claim(NODE, 0);
        change(claim, 1, List.of(lease(0, "a")), "a", "b");
        change(claim, 2, List.of(lease(0, "b")));
        assertAccepted(commit("b", 2, 0, 30));
        change(claim, 3, List.of(lease(0, "a")));

        assertRowRejected(commit("a", 1, 0, 5), Reason.PARTITION_NOT_LEASED);
        assertRowRejected(commit("a", 2, 0, 5), Reason.PARTITION_NOT_LEASED);
        assertThat(committed(0)).isEqualTo(30);
    }

    @Test
    void aLeavingMemberLosesItsLeasesAndTheOffsetsStay() {
        long claim = claim(NODE, 0);
        change(claim, 1, List.of(lease(0, "a"), lease(20, "a")), "a");
        commit("a", 1, 0, 5);

        change(claim, 2, List.of("a"), List.of());

        assertThat(group().lease(topic, 0)).isEmpty();
        assertThat(group().partitions(topic)).containsExactly(0);
        assertThat(committed(0)).isEqualTo(5);
        assertRejected(commit("a", 1, 0, 9), Reason.UNKNOWN_MEMBER);
    }

    @Test
    void aMemberThatRejoinsWithNewDetailsKeepsItsLeases() {
        long claim = claim(NODE, 0);
        change(claim, 1, List.of(lease(0, "a")), "a");
        GroupMember other =
                new GroupMember("a", "i", ByteString.copyFromUtf8("new"), ByteString.EMPTY);

        change(NODE, claim, 2, List.of(), List.of(), List.of(other));

        assertThat(group().member("a")).contains(other);
        assertThat(group().lease(topic, 0)).contains(new Lease("a", 1));
    }

    @Test
    void noCommandOfAGroupWithATooLongIdIsAccepted() {
        String id = "x".repeat(GroupLimits.MAX_ID_BYTES + 1);

        assertRejected(apply(NODE, new Command.GroupClaimed(id, NODE, 0)), Reason.INVALID_GROUP);
        assertRejected(apply(NODE, new Command.GroupReleased(id, 1)), Reason.INVALID_GROUP);
        assertRejected(apply(NODE, new Command.GroupDeleted(id)), Reason.INVALID_GROUP);
        assertRejected(
                apply(NODE, new Command.OffsetsCommitted("g", id, 1, List.of())),
                Reason.INVALID_GROUP);
    }

    @Test
    void aPartlyInvalidChangeChangesNothing() {
        long claim = claim(NODE, 0);
        change(claim, 1, List.of(lease(0, "a")), "a");

        assertRejected(
                change(claim, 2, List.of("a"), List.of(lease(1, "nobody")), "b"),
                Reason.UNKNOWN_MEMBER);
        assertRejected(
                change(claim, 2, List.of(lease(1, "b"), lease(40, "b")), "b"),
                Reason.UNKNOWN_PARTITION);
        assertRejected(change(claim, 2, List.of(), ""), Reason.INVALID_GROUP);
        assertRejected(
                change(claim, 2, List.of(), "x".repeat(GroupLimits.MAX_ID_BYTES + 1)),
                Reason.INVALID_GROUP);
        GroupMember one = new GroupMember("b", "same", ByteString.EMPTY, ByteString.EMPTY);
        GroupMember two = new GroupMember("c", "same", ByteString.EMPTY, ByteString.EMPTY);
        assertRejected(
                change(NODE, claim, 2, List.of(), List.of(), List.of(one, two)),
                Reason.INVALID_GROUP);
        ByteString large = ByteString.copyFrom(new byte[GroupLimits.MAX_DETAILS_BYTES]);
        assertRejected(
                change(
                        NODE,
                        claim,
                        2,
                        List.of(),
                        List.of(),
                        List.of(new GroupMember("b", "", large, ByteString.copyFrom(new byte[1])))),
                Reason.TOO_LARGE);
        assertRejected(
                change(
                        NODE,
                        claim,
                        2,
                        List.of(),
                        List.of(),
                        IntStream.range(0, GroupLimits.MAX_MEMBERS_PER_GROUP)
                                .mapToObj(i -> member("m" + i))
                                .toList()),
                Reason.GROUP_LIMIT_REACHED);
        assertThat(group().members()).containsExactly(member("a"));
        assertThat(group().lease(topic, 0)).contains(new Lease("a", 1));
        assertThat(group().generation()).isEqualTo(1);
    }

    @Test
    void aMemberlessCommitCountsWhileTheGroupIsEmpty() {
        assertAccepted(commit("", -1, 3, 9));
        assertThat(committed(3)).isEqualTo(9);

        long claim = claim(NODE, 0);
        change(claim, 1, List.of(), "a");
        assertRejected(commit("", -1, 3, 1), Reason.GROUP_NOT_EMPTY);

        change(claim, 2, List.of("a"), List.of());
        assertAccepted(commit("", -1, 3, 1));
        assertThat(committed(3)).isEqualTo(1);
    }

    @Test
    void aCommitForAnUnknownPartitionIsRejectedAndCreatesNoGroup() {
        assertRowRejected(commit("", -1, 40, 9), Reason.UNKNOWN_PARTITION);
        assertRowRejected(
                commit("", -1, 0, 9, "x".repeat(GroupLimits.MAX_TEXT_CHARS + 1)), Reason.TOO_LARGE);
        assertRejected(commit("a", 0, 0, 9), Reason.UNKNOWN_MEMBER);
        assertThat(state.groups().ids()).isEmpty();
    }

    @Test
    void aGroupNeedsALegalId() {
        assertRejected(apply(NODE, new Command.GroupClaimed("", NODE, 0)), Reason.INVALID_GROUP);
        assertRejected(
                apply(NODE, new Command.GroupClaimed("ü".repeat(128), NODE, 0)),
                Reason.INVALID_GROUP);
    }

    @Test
    void onlyAGroupWithoutMembersIsDeleted() {
        long claim = claim(NODE, 0);
        change(claim, 1, List.of(), "a");
        assertRejected(apply(OTHER, new Command.GroupDeleted("g")), Reason.GROUP_NOT_EMPTY);

        change(claim, 2, List.of("a"), List.of());
        assertThat(apply(OTHER, new Command.GroupDeleted("g"))).isEqualTo(new Outcome.Completed());
        assertRejected(apply(OTHER, new Command.GroupDeleted("g")), Reason.UNKNOWN_GROUP);
    }

    @Test
    void onlyEmptyGroupsUnchangedSinceTheEntryExpire() {
        commit("", -1, 0, 1);
        long early = state.entries();
        commit("", -1, 0, 2);
        apply(NODE, new Command.GroupsExpired(early));
        assertThat(state.groups().ids()).containsExactly("g");

        long claim = claim(NODE, 0);
        change(claim, 1, List.of(), "a");
        apply(NODE, new Command.GroupsExpired(state.entries()));
        assertThat(state.groups().ids()).as("has a member").containsExactly("g");

        change(claim, 2, List.of("a"), List.of());
        apply(NODE, new Command.GroupsExpired(state.entries()));
        assertThat(state.groups().ids()).isEmpty();
    }

    @Test
    void anIncarnationCoordinatesFromItsClaimUntilItReleasesOrEnds() {
        assertThat(state.groups().coordinates(NODE)).isFalse();
        long claim = claim(NODE, 0);
        assertThat(state.groups().coordinates(NODE)).isTrue();
        apply(NODE, new Command.GroupReleased("g", claim));
        assertThat(state.groups().coordinates(NODE)).isFalse();

        claim(NODE, claim);
        apply(OTHER, new Command.GroupDeleted("g"));
        assertThat(state.groups().coordinates(NODE)).as("deleted").isFalse();

        claim(NODE, 0);
        state =
                CheckpointCodec.decode(
                        CheckpointCodec.encode(state.snapshot()), "checkpoint", FeatureLevels.ALL);
        assertThat(state.groups().coordinates(NODE)).as("after a checkpoint").isTrue();
        apply(OTHER, new Command.IncarnationClosed(NODE));
        assertThat(state.groups().coordinates(NODE)).as("closed").isFalse();
    }

    @Test
    void aDeletedTopicTakesItsLeasesAndOffsetsWithIt() {
        long claim = claim(NODE, 0);
        change(claim, 1, List.of(lease(0, "a"), lease(1, "a")), "a");
        commit("a", 1, 0, 5);
        state.reportGroupChanges(group -> {});

        apply(NODE, new Command.TopicDeleted(topic));

        assertThat(group().topics()).isEmpty();
        assertRowRejected(commit("a", 1, 0, 6), Reason.UNKNOWN_PARTITION);
        state.reportGroupChanges(group -> assertThat(group).isEqualTo("g"));
    }

    @Test
    void twentyThousandPartitionsWithCommitsAreAFewMegabytes() {
        int partitions = 20_000;
        topic = createTopic("large", partitions);
        List<OffsetCommit> commits =
                IntStream.range(0, partitions)
                        .mapToObj(p -> new OffsetCommit(topic, p, new CommittedOffset(p, -1, "")))
                        .toList();
        apply(NODE, new Command.OffsetsCommitted("g", "", -1, commits));

        byte[] checkpoint = CheckpointCodec.encode(state.snapshot());
        assertThat(group().partitions(topic)).hasSize(partitions);
        assertThat(checkpoint.length).isLessThan(200_000);
        byte[] entry =
                EntryCodec.encode(
                        new Entry(
                                1, 1, List.of(new Command.OffsetsCommitted("g", "", -1, commits))));
        assertThat(entry.length).isLessThan(100_000);
    }

    @Test
    void offsetIsDeletedUnlessItsPartitionIsLeased() {
        commit("", -1, 1, 7);
        commit("", -1, 2, 9);
        change(claim(NODE, 0), 1, List.of(lease(2, "a")), "a");

        Outcome outcome =
                apply(
                        OTHER,
                        new Command.OffsetsDeleted(
                                "g",
                                IntStream.of(1, 2, 3)
                                        .mapToObj(number -> new PartitionId(topic, number))
                                        .toList()));

        assertThat(outcome)
                .isEqualTo(
                        new Outcome.Rows(
                                List.of(
                                        COUNTS,
                                        new RowOutcome.Rejected(Reason.GROUP_NOT_EMPTY),
                                        COUNTS)));
        assertThat(committed(1)).isEqualTo(-1);
        assertThat(committed(2)).isEqualTo(9);
    }

    @Test
    void offsetsOfAnUnknownGroupAreNotDeleted() {
        assertRejected(
                apply(NODE, new Command.OffsetsDeleted("g", List.of())), Reason.UNKNOWN_GROUP);
    }

    @Test
    void removedMemberLosesItsLeasesAndFencesTheChangeInFlight() {
        long claim = claim(NODE, 0);
        change(claim, 1, List.of(lease(1, "a"), lease(2, "b")), "a", "b");

        Outcome outcome = apply(OTHER, new Command.MembersRemoved("g", List.of("a", "c", "a")));

        RowOutcome unknown = new RowOutcome.Rejected(Reason.UNKNOWN_MEMBER);
        assertThat(outcome).isEqualTo(new Outcome.Rows(List.of(COUNTS, unknown, unknown)));
        assertThat(group().members()).containsExactly(member("b"));
        assertThat(group().lease(topic, 1)).isEmpty();
        assertThat(group().generation()).isEqualTo(2);
        assertRejected(change(claim, 2, List.of(lease(1, "b"))), Reason.STALE_GENERATION);
        assertRejected(commit("a", 1, 1, 7), Reason.UNKNOWN_MEMBER);
        assertThat(change(claim, 3, List.of(lease(1, "b")))).isEqualTo(new Outcome.Completed());
    }
}
