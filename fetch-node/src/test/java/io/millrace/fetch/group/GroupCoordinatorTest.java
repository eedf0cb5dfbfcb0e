package io.millrace.fetch.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.fetch.PartitionKey;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What members of a group see, of one coordinator. */
final class GroupCoordinatorTest {

    private final CoordinatorWorld world = new CoordinatorWorld(1, 1);
    private final Topic topic = world.topic("t", 6);

    @Test
    void theOnlyMemberHasEverything() {
        TestMember member = world.join(CoordinatorWorld.reading("t"));

        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void onlyWhatMovesIsRevoked() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        TestMember third = world.join(CoordinatorWorld.reading("t"));
        world.settle();

        assertThat(first.owned).hasSize(2);
        assertThat(second.owned).hasSize(2);
        assertThat(third.owned).hasSize(2);
        assertThat(first.disturbed).hasSize(4).doesNotHaveDuplicates();
        assertThat(second.disturbed).hasSize(1);
        assertThat(third.disturbed).isEmpty();
        assertEverythingIsOwned(first, second, third);
    }

    @Test
    void aPartitionGoesOverOnlyWhenItIsReleased() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        world.advance(Duration.ofSeconds(5));

        assertThat(first.revoked).hasSize(3);
        assertThat(second.owned).isEmpty();

        first.release(List.of(first.revoked.getFirst()));
        world.settle();

        assertThat(second.owned).hasSize(1);
    }

    @Test
    void aNewOwnerBeginsWhereTheOneBeforeCommittedJustBeforeLettingGo() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        PartitionKey moving = first.revoked.getFirst();
        first.commit(moving, 42);
        first.release(List.of(moving));
        world.settle();

        assertThat(second.owned.get(moving)).contains(new CommittedOffset(42, -1, ""));
    }

    @Test
    void aRevokedPartitionThatIsToStayAfterAllComesBackWhenItIsReleased() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        second.leave();
        world.settle();
        assertThat(first.revoked).hasSize(3);

        first.release(first.revoked);
        world.settle();

        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void aPartitionThatComesBackBeginsBehindWhatWasCommittedBeforeItWasReleased() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        second.leave();
        world.settle();
        PartitionKey back = first.revoked.getFirst();
        world.first().metadata.log().appendsTake(Duration.ofMillis(300));
        first.commit(back, 42);
        first.release(List.of(back));
        world.advance(Duration.ofSeconds(1));

        assertThat(first.owned.get(back)).contains(new CommittedOffset(42, -1, ""));
    }

    @Test
    void aSilentMembersPartitionsAreSharedOutWhenItsSessionIsOver() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        world.advance(Duration.ofSeconds(30));
        second.beat();
        second.vanish();

        world.advance(CoordinatorWorld.SESSION.minusMillis(1));
        assertThat(first.owned).hasSize(3);
        world.advance(Duration.ofMillis(1000));

        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(first.disturbed).hasSize(3);
    }

    @Test
    void aMemberThatIsHeardOfStays() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        TestMember second = world.join(CoordinatorWorld.reading("t"));

        world.advance(Duration.ofMinutes(10));

        assertThat(first.owned).hasSize(3);
        assertThat(second.owned).hasSize(3);
        assertThat(world.group().generation()).isLessThan(10);
    }

    @Test
    void aMemberThatLeavesMakesRoomAtOnce() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        TestMember second = world.join(CoordinatorWorld.reading("t"));

        CompletableFuture<Void> left = second.leave();
        world.settle();

        assertThat(left).isCompleted();
        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void aMemberWhoseConnectionBreaksGoesOnWithWhatItHad() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        Set<PartitionKey> before = new TreeSet<>(second.owned.keySet());
        second.commit(before.iterator().next(), 7);
        second.vanish();
        world.advance(Duration.ofSeconds(5));

        second.join(world.first().coordinator, false);
        world.settle();

        assertThat(second.owned.keySet()).isEqualTo(before);
        assertThat(second.owned.get(before.iterator().next()))
                .contains(new CommittedOffset(7, -1, ""));
        assertThat(first.owned).hasSize(3);
    }

    @Test
    void aMemberThatComesBackKnowingWhatItHasIsToldNothing() {
        TestMember member = world.join(CoordinatorWorld.reading("t"));
        member.vanish();
        member.owned.replaceAll((key, committed) -> Optional.of(new CommittedOffset(1, 1, "mine")));

        member.join(world.first().coordinator, true);
        world.settle();

        assertThat(member.joins).isEqualTo(2);
        assertThat(member.owned.values())
                .containsOnly(Optional.of(new CommittedOffset(1, 1, "mine")));
    }

    @Test
    void aNewSessionOfAMemberEndsTheOneBefore() {
        TestMember member = world.join(CoordinatorWorld.reading("t"));
        TestMember again = new TestMember(world.loop, "g", "", member.details);
        again.id = member.id;

        again.join(world.first().coordinator, false);
        world.settle();

        assertThat(reason(member)).isEqualTo(Reason.UNKNOWN_MEMBER);
        assertThat(again.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void whoDoesNotLetGoInTimeIsAnsweredNoMoreAndKeepsItsRightUntilItsSessionIsOver() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.reading("t"));

        world.advance(CoordinatorWorld.RELEASE.plusMillis(300));
        assertThat(reason(first)).isEqualTo(Reason.UNKNOWN_MEMBER);
        assertThat(second.owned).isEmpty();
        assertThat(world.loop.nanoTime()).isLessThan(first.rightUntilNanos);

        world.advance(CoordinatorWorld.SESSION.plusMillis(500));
        assertThat(second.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void eachPartitionHasItsOwnTimeToBeReleased() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        first.releasesAtOnce = false;
        world.join(CoordinatorWorld.reading("t"));
        Set<PartitionKey> sooner = Set.copyOf(first.revoked);
        world.advance(CoordinatorWorld.RELEASE.dividedBy(2));
        world.join(CoordinatorWorld.reading("t"));
        first.release(sooner);
        assertThat(first.revoked).hasSize(1);

        world.advance(CoordinatorWorld.RELEASE.multipliedBy(3).dividedBy(4));
        assertThat(first.ended).isNull();

        world.advance(CoordinatorWorld.RELEASE.dividedBy(2));
        assertThat(reason(first)).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void topicsThatBeginToMatchAndPartitionsThatAreAddedArePickedUp() {
        TestMember member = world.join(CoordinatorWorld.matching("t|logs-.*"));
        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));

        Topic logs = world.topic("logs-1", 2);
        world.topic("catalogs-1", 2);
        world.first().metadata.propose(new Command.PartitionsAdded(topic.id(), 8));
        world.advance(Duration.ofMillis(300));

        Set<PartitionKey> expected = CoordinatorWorld.partitions(topic, 0, 1, 2, 3, 4, 5, 6, 7);
        expected.addAll(CoordinatorWorld.partitions(logs));
        assertThat(member.owned.keySet()).isEqualTo(expected);
        assertThat(member.disturbed).isEmpty();
    }

    @Test
    void whatComesLaterThanTheGroupIsReadFromItsFirstRecordOn() {
        TestMember member = world.join(CoordinatorWorld.matching("t|logs-.*"));
        assertThat(member.owned.values()).containsOnly(Optional.empty());

        Topic logs = world.topic("logs-1", 1);
        world.first().metadata.propose(new Command.PartitionsAdded(topic.id(), 7));
        world.advance(Duration.ofMillis(300));

        CommittedOffset first = new CommittedOffset(0, -1, "");
        assertThat(member.owned)
                .containsEntry(new PartitionKey(topic.id(), 5), Optional.empty())
                .containsEntry(new PartitionKey(topic.id(), 6), Optional.of(first))
                .containsEntry(new PartitionKey(logs.id(), 0), Optional.of(first));
    }

    @Test
    void theNextCoordinatorKnowsWhatCameLater() {
        world.join(CoordinatorWorld.reading("t"));
        world.first().metadata.propose(new Command.PartitionsAdded(topic.id(), 7));
        world.advance(Duration.ofMillis(300));
        CoordinatorWorld.Node next = world.add();
        world.advance(Duration.ofSeconds(1));
        CoordinatorWorld.Node before = world.first();
        before.close();
        world.nodes.remove(before);
        before.isLive = false;

        TestMember heir = world.follow("", CoordinatorWorld.reading("t"));
        world.advance(CoordinatorWorld.SESSION.plus(CoordinatorWorld.LIFE).plusSeconds(6));

        assertThat(world.coordinator()).isSameAs(next);
        assertThat(heir.owned)
                .containsEntry(new PartitionKey(topic.id(), 0), Optional.empty())
                .containsEntry(
                        new PartitionKey(topic.id(), 6),
                        Optional.of(new CommittedOffset(0, -1, "")));
    }

    @Test
    void aTopicThatAMemberBeginsToReadIsNotNew() {
        world.join(CoordinatorWorld.reading("t"));
        world.topic("u", 1);
        world.advance(Duration.ofMillis(300));

        TestMember member = world.join(CoordinatorWorld.reading("u"));

        assertThat(member.owned.values()).containsExactly(Optional.empty());
    }

    @Test
    void aDeletedTopicIsLostAndTheOthersGoOn() {
        Topic other = world.topic("u", 2);
        TestMember member = world.join(CoordinatorWorld.reading("t", "u"));

        world.first().metadata.propose(new Command.TopicDeleted(topic.id()));
        world.advance(Duration.ofMillis(300));

        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(other));
        assertThat(member.disturbed).containsExactlyElementsOf(CoordinatorWorld.partitions(topic));
    }

    @Test
    void aTopicThatIsCreatedAnewIsReadAnew() {
        TestMember member = world.join(CoordinatorWorld.reading("t"));
        world.first().metadata.propose(new Command.TopicDeleted(topic.id()));
        world.advance(Duration.ofMillis(300));

        Topic anew = world.topic("t", 1);
        world.advance(Duration.ofMillis(300));

        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(anew));
    }

    @Test
    void membersMayReadDifferentTopics() {
        Topic other = world.topic("u", 2);
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        TestMember second = world.join(CoordinatorWorld.reading("u"));

        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(second.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(other));
    }

    @Test
    void aMemberThatReadsSomethingElseNowGivesUpTheRest() {
        Topic other = world.topic("u", 2);
        TestMember member = world.join(CoordinatorWorld.reading("t"));
        TestMember changed = new TestMember(world.loop, "g", "", CoordinatorWorld.reading("u"));
        changed.id = member.id;
        changed.owned.putAll(member.owned);

        changed.join(world.first().coordinator, true);
        world.settle();

        assertThat(changed.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(other));
        assertThat(changed.disturbed).containsExactlyElementsOf(CoordinatorWorld.partitions(topic));
        assertThat(world.group().lease(topic.id(), 0)).isEmpty();
    }

    @Test
    void aTopicThatDoesNotExistIsRefused() {
        TestMember member = world.join(CoordinatorWorld.reading("t", "nowhere"));

        assertThat(reason(member)).isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(problem(member).message()).contains("nowhere");
    }

    @Test
    void whoIsServedOtherwiseThanTheMembersIsRefusedAndChangesNothing() {
        MetadataFixture metadata = world.first().metadata;
        long incarnation = metadata.metadata().incarnation();
        metadata.propose(new Command.GroupClaimed("g", incarnation, 0));
        metadata.propose(
                new Command.GroupChanged(
                        "g",
                        1,
                        1,
                        new GroupChange(
                                "classic",
                                ByteString.EMPTY,
                                List.of(),
                                List.of(
                                        new GroupMember(
                                                "other", "", ByteString.EMPTY, ByteString.EMPTY)),
                                List.of())));
        TestMember member = world.join(CoordinatorWorld.reading("t"));

        assertThat(reason(member)).isEqualTo(Reason.INVALID_GROUP);
        assertThat(problem(member).message()).contains("classic");
        Group group = world.group();
        assertThat(group.protocol()).isEqualTo("classic");
        assertThat(group.members()).extracting(GroupMember::id).containsExactly("other");
    }

    @Test
    void whoComesBeforeTheClusterKnowsGroupsMayTryAgain() {
        CoordinatorWorld young = CoordinatorWorld.beforeGroups();
        young.topic("t", 2);
        TestMember early = young.join(CoordinatorWorld.reading("t"));
        assertThat(problem(early).retriable()).isTrue();
        young.knowsGroups();

        TestMember member = young.join(CoordinatorWorld.reading("t"));

        assertThat(member.owned).hasSize(2);
    }

    @Test
    void membersMustShareInTheSameWay() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        MemberDetails range =
                new MemberDetails(
                        Subscription.to(List.of("t")),
                        Assignor.RANGE,
                        CoordinatorWorld.SESSION,
                        CoordinatorWorld.RELEASE,
                        "",
                        "",
                        "");

        assertThat(reason(world.join(range))).isEqualTo(Reason.INVALID_GROUP);
        first.leave();
        world.settle();
        assertThat(world.join(range).owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void nonsenseIsRefused() {
        assertThat(reason(world.join(CoordinatorWorld.matching("("))))
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(reason(world.join(CoordinatorWorld.reading())))
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(reason(world.join("x".repeat(256), CoordinatorWorld.reading("t"))))
                .isEqualTo(Reason.INVALID_GROUP);
        MemberDetails hasty =
                new MemberDetails(
                        Subscription.to(List.of("t")),
                        Assignor.STICKY,
                        Duration.ofMillis(999),
                        CoordinatorWorld.RELEASE,
                        "",
                        "",
                        "");
        assertThat(reason(world.join(hasty))).isEqualTo(Reason.MALFORMED_REQUEST);
        TestMember stranger = new TestMember(world.loop, "g", "", CoordinatorWorld.reading("t"));
        stranger.id = "stranger";
        stranger.join(world.first().coordinator, true);
        world.settle();
        assertThat(reason(stranger)).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void onlyTheHolderCommitsAndItMayGoBack() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        PartitionKey own = first.owned.firstKey();

        CompletableFuture<CommitResult> forth = first.commit(own, 10);
        CompletableFuture<CommitResult> back = first.commit(own, 5);
        CompletableFuture<CommitResult> foreign = second.commit(own, 99);
        world.settle();

        assertThat(forth.join()).isEqualTo(judged(new CommittedRow.Counts()));
        assertThat(back.join()).isEqualTo(judged(new CommittedRow.Counts()));
        assertThat(foreign.join())
                .isEqualTo(judged(new CommittedRow.Rejected(Reason.PARTITION_NOT_LEASED)));
        assertThat(world.group().committed(own.topicId(), own.partition()))
                .contains(new CommittedOffset(5, -1, ""));
    }

    @Test
    void aMemberThatLeftCommitsNothing() {
        TestMember member = world.join(CoordinatorWorld.reading("t"));
        Session session = member.session;
        PartitionKey own = member.owned.firstKey();
        member.leave();

        TestMember late = new TestMember(world.loop, "g", "", member.details);
        late.session = session;
        CompletableFuture<CommitResult> commit = late.commit(own, 1);
        world.settle();

        assertThat(commit.join()).isInstanceOf(CommitResult.Failed.class);
        assertThat(world.group().committed(own.topicId(), own.partition())).isEmpty();
    }

    @Test
    void aMemberThatIsHeardOfIsAnswered() {
        TestMember member = world.join(CoordinatorWorld.reading("t"));
        assertThat(member.answered).isZero();

        member.beat();

        assertThat(member.answered).isEqualTo(1);
    }

    @Test
    void aNodeThatOthersMayTakeForDeadAnswersNobodyAndTakesNobodyForDead() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        int generation = world.group().generation();
        world.first().isLive = false;
        world.advance(Duration.ofMillis(200));
        first.beat();
        long answered = first.answered;
        world.advance(CoordinatorWorld.SESSION.multipliedBy(3));

        assertThat(first.answered).isEqualTo(answered);
        world.first().isLive = true;
        world.advance(Duration.ofMillis(200));

        assertThat(first.answered).isGreaterThan(answered);
        assertThat(second.owned).hasSize(3);
        assertThat(world.group().generation()).isEqualTo(generation);
    }

    @Test
    void anAbsentLogDelaysChangesAndLosesNobody() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        world.first().metadata.log().appendsTake(Duration.ofSeconds(25));
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        world.advance(Duration.ofSeconds(24));
        assertThat(first.owned).hasSize(6);
        assertThat(second.joins).isZero();

        world.first().metadata.log().appendsTake(Duration.ZERO);
        world.advance(Duration.ofSeconds(60));

        assertThat(first.owned).hasSize(3);
        assertThat(second.owned).hasSize(3);
    }

    @Test
    void aChangeThatIsNotStoredOrWhoseAnswerIsLostIsMadeNonetheless() {
        Problem away = new Problem(Reason.METADATA_UNAVAILABLE, "away");
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        world.first().faults.next(FaultyMetadata.Fault.instead(new Proposal.NotApplied(away)));
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        assertThat(second.joins).isZero();
        world.advance(Duration.ofSeconds(1));
        assertThat(second.owned).hasSize(3);

        world.first().faults.next(FaultyMetadata.Fault.losingTheAnswer(away));
        TestMember third = world.join(CoordinatorWorld.reading("t"));
        world.advance(Duration.ofSeconds(1));

        assertEverythingIsOwned(first, second, third);
        assertThat(third.owned).hasSize(2);
    }

    @Test
    void whoWasLetInAfterItGaveUpIsForgottenAgain() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        world.first().metadata.log().appendsTake(Duration.ofSeconds(40));
        TestMember second = world.join(CoordinatorWorld.reading("t"));
        // The answer is given up after 30 s, and the change is not tried again yet.
        world.advance(Duration.ofMillis(30_100));
        second.vanish();
        world.first().metadata.log().appendsTake(Duration.ZERO);
        world.advance(Duration.ofSeconds(11));
        assertThat(world.group().members()).hasSize(2);

        world.advance(
                CoordinatorWorld.SESSION.plus(CoordinatorWorld.LIFE).plus(Duration.ofSeconds(1)));

        assertThat(world.group().members()).hasSize(1);
        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void aGroupThatIsTooLargeRefusesWhoComesAndKeepsWhoIsThere() {
        TestMember first = world.join(CoordinatorWorld.reading("t"));
        MemberDetails large =
                CoordinatorWorld.details(new Subscription(Set.of("t"), "t|" + "x".repeat(300_000)));

        TestMember second = world.join(large);

        assertThat(reason(second)).isEqualTo(Reason.TOO_LARGE);
        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(world.join(CoordinatorWorld.reading("t")).ended).isNull();
    }

    @Test
    void aGroupWithoutMembersIsGivenUpAfterAWhileAndKeepsItsOffsets() {
        TestMember member = world.join(CoordinatorWorld.reading("t"));
        PartitionKey own = member.owned.firstKey();
        member.commit(own, 3);
        member.leave();
        world.advance(GroupCoordinator.EMPTY_FOR.minusSeconds(10));
        assertThat(world.group().coordinator()).isPresent();

        world.advance(Duration.ofSeconds(20));
        assertThat(world.group().coordinator()).isEmpty();

        TestMember next = world.join(CoordinatorWorld.reading("t"));
        assertThat(next.owned.get(own)).contains(new CommittedOffset(3, -1, ""));
    }

    @Test
    void aThousandMembersThatComeAtOnceShareEvenly() {
        Topic large = world.topic("large", 2000);
        List<TestMember> members = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            TestMember member =
                    new TestMember(world.loop, "g", "", CoordinatorWorld.reading("large"));
            member.join(world.first().coordinator, true);
            member.keepBeating(CoordinatorWorld.BEAT);
            members.add(member);
        }
        world.advance(Duration.ofSeconds(1));

        assertThat(members).allSatisfy(member -> assertThat(member.owned).hasSize(2));
        assertEverythingIsOwned(large, members.toArray(TestMember[]::new));
        assertThat(world.group().generation()).isLessThan(20);
    }

    private void assertEverythingIsOwned(TestMember... members) {
        assertEverythingIsOwned(topic, members);
    }

    private static void assertEverythingIsOwned(Topic topic, TestMember... members) {
        List<PartitionKey> owned = new ArrayList<>();
        for (TestMember member : members) {
            owned.addAll(member.owned.keySet());
        }
        assertThat(owned).containsExactlyInAnyOrderElementsOf(CoordinatorWorld.partitions(topic));
    }

    private static Problem problem(TestMember member) {
        return Objects.requireNonNull(member.ended, "the end of the session");
    }

    private static Reason reason(TestMember member) {
        return problem(member).reason();
    }

    private static CommitResult judged(CommittedRow row) {
        return new CommitResult.Judged(List.of(row));
    }
}
