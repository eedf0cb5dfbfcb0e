package io.millrace.fetch;

import static io.millrace.fetch.ScriptedGroup.key;
import static io.millrace.fetch.SubscribedClient.PLENTY;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.subscribe.FromClient;
import io.millrace.fetch.subscribe.Opening;
import io.millrace.fetch.subscribe.PartitionName;
import io.millrace.fetch.subscribe.StartPosition;
import io.millrace.fetch.subscribe.ToClient;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One subscription of a group that is told what happens. */
final class SubscriptionTest {

    private static final StartPosition LATEST =
            new StartPosition.Found(new OffsetQuestion.At.Latest());
    private static final StartPosition NOWHERE = new StartPosition.Nowhere();

    private final FetchWorld world = new FetchWorld();
    private final Topic topic = world.topic("orders", 4);
    private final ScriptedGroup group = new ScriptedGroup();

    private SubscribedClient client(Opening opening) {
        SubscribedClient client = new SubscribedClient(world, group, opening);
        onLoop(() -> group.member().joined("m1"));
        return client;
    }

    private SubscribedClient client() {
        return client(SubscribedClient.opening("orders"));
    }

    private void onLoop(Runnable task) {
        world.loop.call(task);
        pass(Duration.ofMillis(100));
    }

    private void pass(Duration time) {
        world.loop.advance(time);
    }

    private void write(int partition, int batches, int records, int bytes) {
        world.writeHot(
                IntStream.range(0, batches)
                        .mapToObj(i ->
                                new Written(topic, partition, world.batch(records, bytes, 1000)))
                        .toList());
    }

    private byte[] served(int partition) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        world.served(topic, partition).forEach(all::writeBytes);
        return all.toByteArray();
    }

    private static PartitionName name(int partition) {
        return new PartitionName("orders", partition);
    }

    private static ToClient.Start start(int partition, long position, String text) {
        return new ToClient.Start(name(partition), position, text);
    }

    @Test
    void itsPartitionsAreSentFromTheirCommittedOffsetsOn() {
        write(0, 3, 10, 1000);
        write(1, 2, 10, 1000);
        SubscribedClient client = client();

        onLoop(() ->
                group.member()
                        .assigned(
                                1,
                                List.of(
                                        ScriptedGroup.assigned(topic, 0, 10, "so far"),
                                        ScriptedGroup.assigned(topic, 1))));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(1));

        assertThat(client.last(ToClient.Joined.class))
                .isEqualTo(new ToClient.Joined("m1", Duration.ofSeconds(3), Duration.ofSeconds(9)));
        assertThat(client.told(ToClient.Assigned.class))
                .containsExactly(
                        new ToClient.Assigned(List.of(start(0, 10, "so far"), start(1, 0, ""))));
        byte[] all = served(0);
        assertThat(client.got("orders", 0)).hasSize(all.length / 3 * 2);
        assertThat(client.got("orders", 1)).isEqualTo(served(1));
    }

    @Test
    void whatIsWrittenLaterFollowsAtOnce() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofMinutes(3));

        write(0, 1, 1, 100);

        assertThat(client.got("orders", 0)).isEqualTo(served(0));
        assertThat(client.last(ToClient.Batches.class).highWatermark()).isEqualTo(1);
    }

    @Test
    void aPartitionThatComesLaterIsReadAtOnce() {
        write(1, 1, 1, 100);
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(1));

        onLoop(() -> group.assign(topic, 1));

        assertThat(client.got("orders", 1)).isEqualTo(served(1));
    }

    @Test
    void withoutCreditNothingIsRead() {
        write(0, 3, 10, 1000);
        client();
        onLoop(() -> group.assign(topic, 0));
        double read = world.meters.get("millrace.fetch.batches").counter().count();
        pass(Duration.ofMinutes(1));

        assertThat(read).isZero();
        assertThat(world.meters.get("millrace.fetch.batches").counter().count()).isZero();
        assertThat(world.meters.get("millrace.fetch.waiting").gauge().value()).isZero();
    }

    @Test
    void theBatchThatUsesUpTheRecordsIsTheLast() {
        write(0, 5, 10, 1000);
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));

        client.grants(PLENTY, 11);
        pass(Duration.ofSeconds(1));
        int two = client.got("orders", 0).length;
        client.grants(PLENTY, 9);
        pass(Duration.ofSeconds(1));
        int still = client.got("orders", 0).length;
        client.grants(PLENTY, 1);
        pass(Duration.ofSeconds(1));

        int one = served(0).length / 5;
        assertThat(two).isEqualTo(2 * one);
        assertThat(still).isEqualTo(2 * one);
        assertThat(client.got("orders", 0)).hasSize(3 * one);
    }

    @Test
    void recordsBeforeThePositionCostNothing() {
        write(0, 2, 10, 1000);
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0, 8));

        client.grants(PLENTY, 3);
        pass(Duration.ofSeconds(1));

        assertThat(client.got("orders", 0)).isEqualTo(served(0));
    }

    @Test
    void bytesAreSentAsFarAsTheCreditGoes() {
        write(0, 10, 1, 10_000);
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        int one = served(0).length / 10;

        client.grants(3L * one, PLENTY);
        pass(Duration.ofSeconds(1));
        long three = client.gotBytes();
        client.grants(1, PLENTY);
        pass(Duration.ofSeconds(1));
        long four = client.gotBytes();
        client.grants(one - 1, PLENTY);
        pass(Duration.ofSeconds(1));

        assertThat(three).isEqualTo(3L * one);
        assertThat(four).isEqualTo(4L * one);
        assertThat(client.gotBytes()).isEqualTo(4L * one);
    }

    @Test
    void noPartitionStarvesWhereCreditIsShort() {
        for (int partition = 0; partition < 4; partition++) {
            write(partition, 20, 1, 1000);
        }
        SubscribedClient client = client();
        onLoop(() ->
                group.member()
                        .assigned(
                                1,
                                IntStream.range(0, 4)
                                        .mapToObj(p -> ScriptedGroup.assigned(topic, p))
                                        .toList()));

        for (int i = 0; i < 8; i++) {
            client.grants(1100, 1);
            pass(Duration.ofMillis(100));
        }

        assertThat(client.told(ToClient.Batches.class))
                .extracting(ToClient.Batches::partition)
                .containsExactly(
                        name(0), name(1), name(2), name(3), name(0), name(1), name(2), name(3));
    }

    @Test
    void nothingIsReadForAClientThatTakesNothing() {
        write(0, 3, 10, 1000);
        SubscribedClient client = client();
        client.roomBytes = 0;
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(1));
        assertThat(client.gotBytes()).isZero();
        assertThat(world.meters.get("millrace.fetch.batches").counter().count()).isZero();

        client.roomBytes = 1 << 20;
        onLoop(client.subscriber::hasRoom);

        assertThat(client.got("orders", 0)).isEqualTo(served(0));
    }

    @Test
    void aPausedPartitionWaitsUntilItIsResumed() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        onLoop(() -> group.assign(topic, 1));
        client.grants(PLENTY, PLENTY);
        client.says(new FromClient.Pause(List.of(name(0))));
        write(0, 1, 1, 100);
        write(1, 1, 1, 100);
        pass(Duration.ofSeconds(1));
        assertThat(client.got("orders", 0)).isEmpty();
        assertThat(client.got("orders", 1)).isEqualTo(served(1));

        client.says(new FromClient.Resume(List.of(name(0))));
        pass(Duration.ofSeconds(1));

        assertThat(client.got("orders", 0)).isEqualTo(served(0));
    }

    @Test
    void aSeekSaysWhereItGoesOn() {
        write(0, 3, 10, 1000);
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(1));
        client.told.clear();

        client.says(new FromClient.Seek(name(0), 20));
        pass(Duration.ofSeconds(1));

        assertThat(client.told.getFirst()).isEqualTo(new ToClient.Sought(name(0), 20, 1));
        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
    }

    @Test
    void aSeekToTheEndIsLookedUp() {
        write(0, 3, 10, 1000);
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));

        client.says(
                new FromClient.SeekPlace(
                        name(0), new StartPosition.Found(new OffsetQuestion.At.Latest())));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(1));

        assertThat(client.last(ToClient.Sought.class))
                .isEqualTo(new ToClient.Sought(name(0), 30, 1));
        assertThat(client.gotBytes()).isZero();
    }

    @Test
    void whatRetentionRemovedIsPassedOverAsTheClientWants() {
        write(0, 3, 10, 1000);
        world.metadata.trim(topic.id(), 0, 20);
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0, 5));

        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(1));

        assertThat(client.last(ToClient.Sought.class))
                .isEqualTo(new ToClient.Sought(name(0), 20, 0));
        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
    }

    @Test
    void whatRetentionRemovedIsAnErrorIfTheClientWants() {
        write(0, 3, 10, 1000);
        world.metadata.trim(topic.id(), 0, 20);
        SubscribedClient client = client(SubscribedClient.opening("", LATEST, NOWHERE, "orders"));
        onLoop(() -> group.assign(topic, 0, 5));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(1));
        Problem problem = client.last(ToClient.PartitionFailed.class).problem();
        assertThat(problem.reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
        assertThat(problem.details()).containsEntry("log_start_offset", "20");

        client.says(new FromClient.Seek(name(0), 20));
        pass(Duration.ofSeconds(1));

        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
    }

    @Test
    void withoutACommitAndAPlaceToStartThePartitionFails() {
        SubscribedClient client = client(SubscribedClient.opening("", NOWHERE, NOWHERE, "orders"));
        onLoop(() -> group.assign(topic, 0));

        assertThat(client.last(ToClient.Assigned.class).partitions())
                .containsExactly(start(0, -1, ""));
        assertThat(client.last(ToClient.PartitionFailed.class).problem().reason())
                .isEqualTo(Reason.NO_COMMITTED_OFFSET);
    }

    @Test
    void nothingFollowsOfARevokedPartitionUntilItIsReleased() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);

        onLoop(() -> group.member().revoke(List.of(key(topic, 0))));
        write(0, 1, 1, 100);
        pass(Duration.ofSeconds(1));
        assertThat(client.last(ToClient.Revoke.class).partitions()).containsExactly(name(0));
        assertThat(client.gotBytes()).isZero();
        assertThat(group.released).isEmpty();
        client.says(new FromClient.Released(List.of(name(0))));

        assertThat(group.released).containsExactly(key(topic, 0));
    }

    @Test
    void aPartitionThatWasNotRevokedCannotBeReleased() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));

        client.says(new FromClient.Released(List.of(name(0))));

        assertThat(group.released).isEmpty();
    }

    @Test
    void ofALostPartitionNothingFollows() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);

        onLoop(() -> group.member().lost(List.of(key(topic, 0))));
        write(0, 1, 1, 100);
        pass(Duration.ofSeconds(1));

        assertThat(client.last(ToClient.Lost.class).partitions()).containsExactly(name(0));
        assertThat(client.gotBytes()).isZero();
    }

    @Test
    void whatIsRevokedWhileItsPlaceIsLookedUpIsToldInOrder() {
        SubscribedClient client = client();

        onLoop(() -> {
            group.assign(topic, 0);
            group.member().revoke(List.of(key(topic, 0)));
        });

        assertThat(client.told)
                .endsWith(
                        new ToClient.Assigned(List.of(start(0, 0, ""))),
                        new ToClient.Revoke(List.of(name(0))));
    }

    @Test
    void aMemberThatComesBackWithNothingLeftIsToldSo() {
        SubscribedClient client =
                client(
                        SubscribedClient.opening(
                                "m1", StartPosition.EARLIEST, StartPosition.EARLIEST, "orders"));

        assertThat(client.told).endsWith(new ToClient.Assigned(List.of()));
        assertThat(group.joins.getFirst().memberId()).isEqualTo("m1");
    }

    @Test
    void aMemberThatComesBackIsToldOnceWhatItHasStill() {
        SubscribedClient client =
                new SubscribedClient(
                        world,
                        group,
                        SubscribedClient.opening(
                                "m1", StartPosition.EARLIEST, StartPosition.EARLIEST, "orders"));
        onLoop(() -> {
            group.member().joined("m1");
            group.assign(topic, 0, 0);
        });

        assertThat(client.told(ToClient.Assigned.class))
                .containsExactly(new ToClient.Assigned(List.of(start(0, 0, ""))));
    }

    @Test
    void aNewGroupMayStartAtTheEndWhichIsStoredBeforeAnythingIsSent() {
        write(0, 3, 10, 1000);
        SubscribedClient client = client(SubscribedClient.opening("", LATEST, NOWHERE, "orders"));
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        assertThat(group.commits.getFirst())
                .containsExactly(new OffsetCommit(topic.id(), 0, new CommittedOffset(30, -1, "")));
        write(0, 1, 1, 100);
        pass(Duration.ofSeconds(1));
        assertThat(client.told(ToClient.Assigned.class)).isEmpty();

        onLoop(() -> group.fail(0, new Problem(Reason.METADATA_UNAVAILABLE, "away")));
        pass(Duration.ofSeconds(1));
        assertThat(client.told(ToClient.Assigned.class)).isEmpty();
        onLoop(() -> group.answer(1, new CommittedRow.Counts()));

        assertThat(client.told(ToClient.Assigned.class))
                .containsExactly(new ToClient.Assigned(List.of(start(0, 30, ""))));
        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
    }

    @Test
    void commitsAreAnsweredInTheirOrder() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.says(commit(1, 0, 5));
        client.says(commit(2, 0, 6));
        onLoop(() -> group.answer(1, new CommittedRow.Counts()));
        assertThat(client.told(ToClient.Committed.class)).isEmpty();

        onLoop(() -> group.answer(0, new CommittedRow.Counts()));

        assertThat(client.told(ToClient.Committed.class))
                .containsExactly(
                        new ToClient.Committed(1, Optional.empty()),
                        new ToClient.Committed(2, Optional.empty()));
        assertThat(group.commits.getFirst().getFirst().committed().offset()).isEqualTo(5);
    }

    private static FromClient.Commit commit(long id, int partition, long offset) {
        return new FromClient.Commit(
                id, List.of(new FromClient.Place(name(partition), offset, "text")));
    }

    @Test
    void aCommitForAPartitionOfSomebodyElseNamesIt() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.says(
                new FromClient.Commit(
                        7,
                        List.of(
                                new FromClient.Place(name(0), 5, ""),
                                new FromClient.Place(name(3), 5, ""))));
        onLoop(() -> group.answer(0, new CommittedRow.Counts()));

        Problem problem = client.last(ToClient.Committed.class).problem().orElseThrow();
        assertThat(problem.reason()).isEqualTo(Reason.PARTITION_NOT_LEASED);
        assertThat(problem.details())
                .containsEntry("topic", "orders")
                .containsEntry("partition", "3");
        assertThat(group.commits.getFirst()).hasSize(1);
    }

    @Test
    void aCommitThatIsRejectedSaysWhy() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.says(commit(1, 0, 5));
        client.says(commit(2, 0, 6));

        onLoop(() -> group.answer(0, new CommittedRow.Rejected(Reason.STALE_GENERATION)));
        onLoop(() -> group.fail(1, new Problem(Reason.METADATA_UNAVAILABLE, "away")));

        assertThat(client.told(ToClient.Committed.class))
                .extracting(one -> one.problem().orElseThrow().reason())
                .containsExactly(Reason.STALE_GENERATION, Reason.METADATA_UNAVAILABLE);
    }

    @Test
    void tooManyCommitsAtOnceAreRefused() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        for (int i = 0; i <= 1000; i++) {
            client.says(commit(i, 0, i));
        }
        assertThat(group.commits).hasSize(1000);

        for (int i = 0; i < 1000; i++) {
            int commit = i;
            onLoop(() -> group.answer(commit, new CommittedRow.Counts()));
        }

        assertThat(client.last(ToClient.Committed.class).problem().orElseThrow().reason())
                .isEqualTo(Reason.OVERLOADED);
    }

    @Test
    void tooManyBytesOfCommitsAtOnceAreRefused() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        String text = "x".repeat(4096);
        for (int i = 0; i < 200; i++) {
            client.says(new FromClient.Commit(i, List.of(new FromClient.Place(name(0), i, text))));
        }
        int taken = group.commits.size();
        assertThat(taken * 2 * text.length()).isBetween(1_000_000, 1_100_000);

        for (int i = 0; i < taken; i++) {
            int commit = i;
            onLoop(() -> group.answer(commit, new CommittedRow.Counts()));
        }
        assertThat(client.last(ToClient.Committed.class).problem().orElseThrow().reason())
                .isEqualTo(Reason.OVERLOADED);

        client.says(commit(200, 0, 200));
        assertThat(group.commits).hasSize(taken + 1);
    }

    @Test
    void theGroupHearsOfTheClientAndTheClientOfTheGroup() {
        SubscribedClient client = client();
        client.says(new FromClient.Heartbeat());
        client.grants(1, 1);
        client.says(new FromClient.Heartbeat());
        onLoop(() -> group.member().alive(4));

        assertThat(group.marks).containsExactly(1L, 2L, 4L);
        assertThat(client.last(ToClient.Alive.class)).isEqualTo(new ToClient.Alive(4));
    }

    @Test
    void anyMessageKeepsTheSessionAliveNowAndThen() {
        SubscribedClient client = client();
        pass(Duration.ofSeconds(1));

        client.grants(1, 1);

        assertThat(group.marks).containsExactly(1L, 2L);
    }

    @Test
    void whoLeavesGetsItsCommitsAnsweredFirst() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.says(commit(1, 0, 5));
        client.says(new FromClient.Leave());
        assertThat(client.ended).isFalse();
        assertThat(group.left).isFalse();

        onLoop(() -> group.answer(0, new CommittedRow.Counts()));

        assertThat(client.told).endsWith(new ToClient.Committed(1, Optional.empty()));
        assertThat(group.left).isTrue();
        assertThat(client.ended).isTrue();
        assertThat(client.problem).isEmpty();
    }

    @Test
    void aClientThatIsGoneStaysInItsGroup() {
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(1));

        onLoop(client.subscriber::disconnected);
        write(0, 1, 1, 100);
        pass(Duration.ofMinutes(2));

        assertThat(group.detached).isTrue();
        assertThat(group.left).isFalse();
        assertThat(client.gotBytes()).isZero();
        assertThat(world.meters.get("millrace.fetch.waiting").gauge().value()).isZero();
    }

    @Test
    void whatEndsTheSessionEndsTheSubscription() {
        SubscribedClient client = client();

        onLoop(() -> group.member().ended(new Problem(Reason.UNKNOWN_MEMBER, "gone")));

        assertThat(client.problem.orElseThrow().reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void aDeletedTopicIsReadNoMoreAndTheOthersAre() {
        Topic other = world.topic("payments", 1);
        SubscribedClient client = client(SubscribedClient.opening("orders", "payments"));
        onLoop(() -> group.assign(topic, 0));
        onLoop(() -> group.assign(other, 0));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(1));

        world.deleteTopic(topic);
        pass(Duration.ofSeconds(1));
        world.writeHot(List.of(new Written(other, 0, world.batch(1, 100, 1000))));
        Topic again = world.topic("orders", 4);
        world.writeHot(List.of(new Written(again, 0, world.batch(1, 100, 1000))));
        pass(Duration.ofSeconds(1));

        assertThat(client.got("payments", 0)).isEqualTo(world.served(other, 0).getFirst());
        assertThat(client.got("orders", 0)).isEmpty();
        assertThat(client.ended).isFalse();
    }

    @Test
    void readingGoesOnWhenTheBucketIsBack() {
        Written batch = new Written(topic, 0, world.batch(10, 1000, 1000));
        world.write(List.of(batch));
        SubscribedClient client = client();
        world.takeBucketAway();
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(20));
        assertThat(client.told(ToClient.PartitionFailed.class)).isEmpty();

        world.bringBucketBack();
        pass(Duration.ofSeconds(5));

        assertThat(client.got("orders", 0)).isEqualTo(served(0));
    }

    @Test
    void damageIsToldAndCanBeSkipped() {
        var damaged = world.write(List.of(new Written(topic, 0, world.batch(10, 1000, 1000))));
        world.damage(damaged, 500);
        world.write(List.of(new Written(topic, 0, world.batch(10, 1000, 1000))));
        SubscribedClient client = client();
        onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        pass(Duration.ofSeconds(20));
        assertThat(client.last(ToClient.PartitionFailed.class).problem().reason())
                .isEqualTo(Reason.CORRUPT_DATA);

        client.says(new FromClient.Seek(name(0), 10));
        pass(Duration.ofSeconds(5));

        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
    }

    @Test
    void anAssignmentOfATopicThatThisNodeDoesNotKnowYetWaitsForIt() {
        SubscribedClient client = client();
        Topic late = world.elsewhere.createTopic("late", 1);

        world.loop.call(() -> group.assign(late, 0, 0));
        pass(Duration.ofSeconds(2));

        assertThat(client.last(ToClient.Assigned.class).partitions())
                .containsExactly(new ToClient.Start(new PartitionName("late", 0), 0, ""));
    }
}
