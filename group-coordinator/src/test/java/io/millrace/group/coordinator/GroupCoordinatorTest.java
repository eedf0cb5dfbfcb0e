package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.TestMember;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests of a single coordinator, from the view of its members. */
final class GroupCoordinatorTest {

    private final CoordinatorWorld world = new CoordinatorWorld(1, 1);
    private final Topic topic = world.topic("t", 6);

    @Test
    void theOnlyMemberHasEverything() {
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t"));

        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void onlyWhatMovesIsRevoked() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember third = world.join(CoordinatorWorld.subscribedTo("t"));
        world.settle();

        assertThat(first.owned).hasSize(2);
        assertThat(second.owned).hasSize(2);
        assertThat(third.owned).hasSize(2);
        assertThat(first.disturbed).hasSize(4).doesNotHaveDuplicates();
        assertThat(second.disturbed).hasSize(1);
        assertThat(third.disturbed).isEmpty();
        CoordinatorWorld.assertOwned(topic, first, second, third);
    }

    @Test
    void partitionMovesOnlyAfterItsRelease() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        world.advance(Duration.ofSeconds(5));

        assertThat(first.revoked).hasSize(3);
        assertThat(second.owned).isEmpty();

        first.release(List.of(first.revoked.getFirst()));
        world.settle();

        assertThat(second.owned).hasSize(1);
    }

    @Test
    void newOwnerStartsAtLastCommitBeforeRelease() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        PartitionId moving = first.revoked.getFirst();
        first.commit(moving, 42);
        first.release(List.of(moving));
        world.settle();

        assertThat(second.owned.get(moving)).contains(new CommittedOffset(42, -1, ""));
    }

    @Test
    void partitionWhoseRevocationIsObsoleteIsAssignedAgainAfterRelease() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        second.leave();
        world.settle();
        assertThat(first.revoked).hasSize(3);

        first.release(first.revoked);
        world.settle();

        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void reassignedPartitionStartsAfterLastCommit() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        second.leave();
        world.settle();
        PartitionId back = first.revoked.getFirst();
        world.first().metadata.log().setAppendDuration(Duration.ofMillis(300));
        first.commit(back, 42);
        first.release(List.of(back));
        world.advance(Duration.ofSeconds(1));

        assertThat(first.owned.get(back)).contains(new CommittedOffset(42, -1, ""));
    }

    @Test
    void expiredMembersPartitionsAreReassigned() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        world.advance(Duration.ofSeconds(30));
        second.heartbeat();
        second.vanish();

        world.advance(CoordinatorWorld.SESSION.minusMillis(1));
        assertThat(first.owned).hasSize(3);
        world.advance(Duration.ofMillis(1000));

        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(first.disturbed).hasSize(3);
    }

    @Test
    void aMemberThatIsHeardOfStays() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));

        world.advance(Duration.ofMinutes(10));

        assertThat(first.owned).hasSize(3);
        assertThat(second.owned).hasSize(3);
        assertThat(world.group().generation()).isLessThan(10);
    }

    @Test
    void leavingMembersPartitionsAreReassignedAtOnce() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));

        CompletableFuture<Void> left = second.leave();
        world.settle();

        assertThat(left).isCompleted();
        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void aMemberWhoseConnectionBreaksGoesOnWithWhatItHad() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        Set<PartitionId> before = new TreeSet<>(second.owned.keySet());
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
    void rejoinWithCurrentOwnershipHasNoNotifications() {
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t"));
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
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember again = new TestMember(world.loop, "g", "", member.details);
        again.id = member.id;

        again.join(world.first().coordinator, false);
        world.settle();

        assertThat(member.reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
        assertThat(again.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void memberThatMissesReleaseTimeoutIsFencedUntilSessionExpires() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        first.releasesAtOnce = false;
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));

        world.advance(CoordinatorWorld.RELEASE.plusMillis(300));
        assertThat(first.reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
        assertThat(second.owned).isEmpty();
        assertThat(world.loop.nanoTime()).isLessThan(first.rightUntilNanos);

        world.advance(CoordinatorWorld.SESSION.plusMillis(500));
        assertThat(second.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void eachPartitionHasItsOwnTimeToBeReleased() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        first.releasesAtOnce = false;
        world.join(CoordinatorWorld.subscribedTo("t"));
        Set<PartitionId> sooner = Set.copyOf(first.revoked);
        world.advance(CoordinatorWorld.RELEASE.dividedBy(2));
        world.join(CoordinatorWorld.subscribedTo("t"));
        first.release(sooner);
        assertThat(first.revoked).hasSize(1);

        world.advance(CoordinatorWorld.RELEASE.multipliedBy(3).dividedBy(4));
        assertThat(first.ended).isNull();

        world.advance(CoordinatorWorld.RELEASE.dividedBy(2));
        assertThat(first.reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void onlyTheHolderCommitsAndMayRewind() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        PartitionId own = first.owned.firstKey();

        CompletableFuture<CommitResult> forth = first.commit(own, 10);
        CompletableFuture<CommitResult> back = first.commit(own, 5);
        CompletableFuture<CommitResult> foreign = second.commit(own, 99);
        world.settle();

        assertThat(forth.join()).isEqualTo(validated(new RowOutcome.Accepted()));
        assertThat(back.join()).isEqualTo(validated(new RowOutcome.Accepted()));
        assertThat(foreign.join())
                .isEqualTo(validated(new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED)));
        assertThat(world.group().committed(own.topicId(), own.partition()))
                .contains(new CommittedOffset(5, -1, ""));
    }

    @Test
    void aMemberThatLeftCommitsNothing() {
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t"));
        GroupSession session = member.session;
        PartitionId own = member.owned.firstKey();
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
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t"));
        assertThat(member.answered).isZero();

        member.heartbeat();

        assertThat(member.answered).isEqualTo(1);
    }

    @Test
    void aGroupWithoutMembersIsGivenUpAfterAWhileAndKeepsItsOffsets() {
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t"));
        PartitionId own = member.owned.firstKey();
        member.commit(own, 3);
        member.leave();
        world.advance(GroupMaintenance.EMPTY_TIMEOUT.minusSeconds(10));
        assertThat(world.group().coordinator()).isPresent();

        world.advance(Duration.ofSeconds(20));
        assertThat(world.group().coordinator()).isEmpty();

        TestMember next = world.join(CoordinatorWorld.subscribedTo("t"));
        assertThat(next.owned.get(own)).contains(new CommittedOffset(3, -1, ""));
    }

    @Test
    void aThousandMembersThatComeAtOnceShareEvenly() {
        Topic large = world.topic("large", 2000);
        List<TestMember> members = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            TestMember member =
                    new TestMember(world.loop, "g", "", CoordinatorWorld.subscribedTo("large"));
            member.join(world.first().coordinator, true);
            member.keepSendingHeartbeats(CoordinatorWorld.BEAT);
            members.add(member);
        }
        world.advance(Duration.ofSeconds(1));

        assertThat(members).allSatisfy(member -> assertThat(member.owned).hasSize(2));
        CoordinatorWorld.assertOwned(large, members.toArray(TestMember[]::new));
        assertThat(world.group().generation()).isLessThan(20);
    }

    private static CommitResult validated(RowOutcome row) {
        return new CommitResult.Judged(List.of(row));
    }
}
