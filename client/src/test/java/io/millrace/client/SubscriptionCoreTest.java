package io.millrace.client;

import static io.millrace.client.CoreWorld.INTERVAL;
import static io.millrace.client.CoreWorld.P0;
import static io.millrace.client.CoreWorld.P1;
import static io.millrace.client.CoreWorld.TIMEOUT;
import static io.millrace.client.CoreWorld.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.SubscriptionStep.Notice;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.SubscribeRequest.RequestCase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a subscription does with its partitions: hand-over, commits, and how they come and go. */
class SubscriptionCoreTest {

    private static final SubscriptionSettings AUTOMATIC =
            settings().commitEvery(Duration.ofSeconds(1)).build();
    private static final SubscriptionSettings MANUAL = settings().commitManually().build();
    private static final SubscriptionSettings AT_MOST_ONCE = settings().atMostOnce().build();

    private static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private static void failing(ReadBatch batch) {
        throw new IllegalStateException("the handler's own trouble");
    }

    @Test
    void itOpensWithWhatItWasGiven() {
        CoreWorld world =
                new CoreWorld(
                        settings()
                                .pattern("log-.*")
                                .assignor(Assignor.ZONE_AWARE)
                                .instanceId("i")
                                .clientId("c")
                                .start(StartAt.end())
                                .failOutOfRange()
                                .build());
        Open open = world.open().getOpen();
        assertThat(open.getGroup()).isEqualTo("g");
        assertThat(open.getMemberId()).isEmpty();
        assertThat(open.getTopicsList()).containsExactly("t");
        assertThat(open.getTopicPattern()).isEqualTo("log-.*");
        assertThat(open.getAssignor()).isEqualTo(io.millrace.protocol.v1.Assignor.ZONE_AWARE);
        assertThat(open.getZone()).isEqualTo("z");
        assertThat(open.getInstanceId()).isEqualTo("i");
        assertThat(open.getClientId()).isEqualTo("c");
        assertThat(open.getStart().hasLatest()).isTrue();
        assertThat(open.getOutOfRange().hasFailure()).isTrue();
        assertThat(open.getSessionTimeoutMs()).isEqualTo(10_000);
    }

    @Test
    void nothingIsHandedOverBeforeTheListenerKnowsThePartition() {
        CoreWorld world = new CoreWorld(AUTOMATIC);
        world.join("m1");
        world.assign(0, P0);
        world.send(P0, 0, 5);
        assertThat(world.runs).isEmpty();
        world.tellAll();
        assertThat(world.handle()).isEqualTo(range(0, 5));
    }

    @Test
    void recordsBeforeThePositionAreSkipped() {
        CoreWorld world = new CoreWorld(AUTOMATIC);
        world.join("m1");
        world.assign(3, P0);
        world.tellAll();
        world.send(P0, 0, 5);
        assertThat(world.handle()).isEqualTo(range(3, 5));
    }

    @Test
    void aPartitionIsNeverWithTwoHandlersAndOthersAreMeanwhile() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0, P1);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        world.send(P1, 0, 5);
        assertThat(world.runs).extracting(HandlerRun::partition).containsExactly(P0, P1);
        assertThat(world.handle()).isEqualTo(range(0, 5));
        assertThat(world.runs).extracting(HandlerRun::partition).containsExactly(P1, P0);
    }

    @Test
    void whatWasHandledIsCommittedNowAndThenAndOnlyOnce() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isEqualTo(5);
        world.pass(Duration.ofSeconds(5));
        assertThat(world.take(RequestCase.COMMIT)).isEmpty();
    }

    @Test
    void aBatchThatAHandlerHasIsNotCommitted() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isZero();
    }

    @Test
    void theFirstCommitKeepsWhatStoodBesideThePosition() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commit().getOffsets(0).getMetadata()).isEqualTo("kept");
    }

    @Test
    void aCommitThatCouldNotBeStoredIsMadeAgain() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        world.commitFails(Reason.METADATA_UNAVAILABLE);
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isEqualTo(5);
    }

    @Test
    void revokedPartitionsAreFinishedToldCommittedAndThenReleased() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        world.sent.clear();
        world.handle(batch -> {
            world.revoke(P0);
            assertThat(world.notices).hasSize(1);
        });
        assertThat(world.runs).isEmpty();
        assertThat(world.notices.getLast()).isInstanceOf(Notice.Revoked.class);
        assertThat(world.sent).isEmpty();
        world.tellAll();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.RELEASED)).hasSize(1);
    }

    @Test
    void aHandlerStopsBetweenTheBatchesOfAChunkWhenItsPartitionIsRevoked() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, join(CoreWorld.batch(0, 5), CoreWorld.batch(5, 10)));
        world.sent.clear();
        world.handle(batch -> world.revoke(P0));
        world.tellAll();
        assertThat(world.commitStored()).isEqualTo(5);
    }

    static byte[] join(byte[]... parts) {
        var all = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void aRevokedPartitionIsNotReleasedWhileItsLastCommitFails() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.sent.clear();
        world.revoke(P0);
        world.tellAll();
        world.commitFails(Reason.METADATA_UNAVAILABLE);
        assertThat(world.take(RequestCase.RELEASED)).isEmpty();
        world.pass(Duration.ofMillis(300));
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.RELEASED)).hasSize(1);
    }

    @Test
    void whatTheListenerCommitsWhenPartitionsAreRevokedComesBeforeTheirRelease() {
        CoreWorld world = CoreWorld.with(MANUAL, P0);
        world.revoke(P0);
        world.sent.clear();
        CompletableFuture<Void> stored = commit(world, P0, 3);
        world.tellAll();
        assertThat(stored).isNotDone();
        assertThat(world.commitStored()).isEqualTo(3);
        assertThat(stored).isCompleted();
        assertThat(world.take(RequestCase.RELEASED)).hasSize(1);
    }

    private static CompletableFuture<Void> commit(
            CoreWorld world, TopicPartition partition, long offset) {
        CompletableFuture<Void> stored = new CompletableFuture<>();
        CommitLedger.Mark mark = new CommitLedger.Mark(offset, "");
        world.does((core, now) -> core.commit(partition, mark, stored, now));
        return stored;
    }

    private static void assertRefused(CompletableFuture<Void> stored, Reason reason) {
        assertThat(stored)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        MillraceException.class,
                        failure -> assertThat(failure.reason()).contains(reason));
    }

    @Test
    void aCommitForAPartitionThatIsNotHeldIsRefusedAtOnce() {
        CoreWorld world = CoreWorld.with(MANUAL, P0);
        assertRefused(commit(world, P1, 3), Reason.PARTITION_NOT_LEASED);
        assertThat(world.take(RequestCase.COMMIT)).isEmpty();
    }

    @Test
    void aCommitThatTheGroupRefusesByItsFenceMeansThatThePartitionIsLost() {
        CoreWorld world = CoreWorld.with(MANUAL, P0, P1);
        world.sent.clear();
        CompletableFuture<Void> stored = commit(world, P0, 3);
        world.commitFails(Reason.PARTITION_NOT_LEASED);
        assertRefused(stored, Reason.PARTITION_NOT_LEASED);
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
        world.send(P1, 0, 5);
        assertThat(world.handle()).hasSize(5);
    }

    @Test
    void ofACommitForSeveralTheOneThatIsRefusedIsLostAndTheOthersAreCommittedAgain() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0, P1);
        world.send(P0, 0, 5);
        world.send(P1, 0, 7);
        world.handle();
        world.handle();
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        Map<String, String> named = Map.of("topic", "t", "partition", "0");
        world.commitFails(new Problem(Reason.PARTITION_NOT_LEASED, "No.", named));
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isEqualTo(7);
    }

    @Test
    void lostPartitionsAreDroppedAndNeverCommitted() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        world.sent.clear();
        world.lose(P0);
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
        assertThat(world.handle()).isEmpty();
        assertThat(world.runs).isEmpty();
        world.pass(Duration.ofSeconds(5));
        assertThat(world.take(RequestCase.COMMIT)).isEmpty();
    }

    @Test
    void aPartitionThatComesBackWaitsForTheHandlerThatHadItBefore() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        HandlerRun before = world.runs.removeFirst();
        world.lose(P0);
        world.assign(2, P0);
        world.tellAll();
        world.send(P0, 2, 5);
        assertThat(world.runs).isEmpty();
        world.does((core, now) -> core.ran(before, new HandlerRun.Outcome.Done(), now));
        assertThat(world.handle()).isEqualTo(range(2, 5));
    }

    @Test
    void theRightEndsATimeoutAfterTheLastMessageThatWasAnswered() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.pass(INTERVAL.plusMillis(1));
        assertThat(world.take(RequestCase.HEARTBEAT)).hasSize(1);
        world.pass(Duration.ofSeconds(2));
        world.alive(1_000);
        world.alive(2);
        world.pass(TIMEOUT.minusSeconds(2).minusMillis(100));
        assertThat(world.notices).hasSize(1);
        world.pass(Duration.ofMillis(200));
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
        assertThat(world.hungUp).isEqualTo(1);
    }

    @Test
    void silenceCountsFromTheFirstHeartbeatThatIsNotAnswered() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.alive(1_000);
        world.pass(INTERVAL.plusMillis(1));
        world.pass(Duration.ofSeconds(5));
        assertThat(world.core.silence(world.now)).isBetween(INTERVAL, TIMEOUT);
        world.alive(1_000);
        assertThat(world.core.silence(world.now)).isZero();
    }

    @Test
    void aMemberWhoseRightHasEndedHandsNothingOverAndCommitsNothing() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.send(P0, 5, 10);
        world.sent.clear();
        // As after a long sleep of the whole process: the clock is looked at before all else.
        world.now += TIMEOUT.toNanos() + 1;
        assertThat(world.handle()).isEmpty();
        world.alive(100);
        assertRefused(commit(world, P0, 3), Reason.PARTITION_NOT_LEASED);
        assertThat(world.take(RequestCase.COMMIT)).isEmpty();
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
    }

    @Test
    void aMemberThatLostItsRightTakesPartAnewFromWhatIsCommitted() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.now += TIMEOUT.toNanos() + 1;
        world.does(SubscriptionCore::tick);
        assertThat(world.open().getOpen().getMemberId()).isEqualTo("m1");
        world.hear(CoreWorld.joined("m1"));
        world.assign(0, P0);
        world.tellAll();
        world.send(P0, 0, 5);
        assertThat(world.handle()).isEqualTo(range(0, 5));
    }

    @Test
    void anUnknownMemberJoinsAsANewOne() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.endWith(Reason.UNKNOWN_MEMBER);
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
        assertThat(world.open().getOpen().getMemberId()).isEmpty();
    }

    @Test
    void anInstanceThatAnotherClientTookIsNotTakenBack() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.endWith(Reason.INSTANCE_REPLACED);
        assertThat(world.over).isTrue();
    }

    @Test
    void aMemberWhoseCommitIsNotKnownAsksAsWhatItWasBeforeItBeginsAnew() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 1);
        world.handle();
        world.pass(AUTOMATIC.commitInterval());
        world.commitFails(Reason.UNKNOWN_MEMBER);

        assertThat(world.hungUp).isEqualTo(1);
        assertThat(world.open().getOpen().getMemberId()).isEqualTo("m1");
        world.endWith(Reason.UNKNOWN_MEMBER);
        assertThat(world.open().getOpen().getMemberId()).isEmpty();
    }

    @Test
    void aRefusalThatNothingCanChangeEndsIt() {
        CoreWorld world = new CoreWorld(AUTOMATIC);
        world.open();
        world.endWith(Reason.UNKNOWN_TOPIC);
        assertThat(world.over).isTrue();
        assertThat(world.failure).isInstanceOf(MillraceException.Refused.class);
    }

    @Test
    void aHandlerThatThrowsEndsItWithNothingBehindCommitted() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0, P1);
        world.send(P0, join(CoreWorld.batch(0, 5), CoreWorld.batch(5, 10)));
        world.send(P0, 10, 15);
        world.send(P1, 0, 7);
        world.sent.clear();
        HandlerRun failing = world.runs.removeFirst();
        world.handle(other -> {
            HandlerRun.Outcome outcome =
                    failing.run(
                            batch -> {
                                if (batch.baseOffset() == 5) {
                                    failing(batch);
                                }
                            },
                            () -> true);
            world.does((core, now) -> core.ran(failing, outcome, now));
            world.tellAll();
            assertThat(world.commitStored()).isEqualTo(5);
        });
        assertThat(world.runs).isEmpty();
        world.tellAll();
        assertThat(world.commitStored()).isEqualTo(7);
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
        world.does((core, now) -> core.broken(null, now));
        assertThat(world.failure)
                .isInstanceOf(MillraceException.HandlerFailed.class)
                .hasMessageContaining("the handler's own trouble");
    }

    @Test
    void aListenerThatThrowsEndsIt() {
        CoreWorld world = new CoreWorld(AUTOMATIC);
        world.join("m1");
        world.assign(0, P0);
        Notice notice = world.untold.removeFirst();
        world.does((core, now) -> core.told(notice, new IllegalStateException("no"), now));
        world.tellAll();
        world.commitStored();
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
    }

    @Test
    void anInstanceThatIsClosedCommitsAndKeepsItsPlace() {
        CoreWorld world =
                CoreWorld.with(
                        settings().instanceId("a").commitEvery(Duration.ofSeconds(1)).build(), P0);
        world.send(P0, 0, 5);
        world.sent.clear();
        world.handle(batch -> world.does(SubscriptionCore::close));
        world.tellAll();
        assertThat(world.over).isFalse();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.LEAVE)).isEmpty();
        assertThat(world.hungUp).isEqualTo(1);
        assertThat(world.over).isTrue();
        assertThat(world.failure).isNull();
    }

    @Test
    void closingFinishesCommitsAndLeaves() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        world.sent.clear();
        world.handle(batch -> {
            world.does(SubscriptionCore::close);
            assertThat(world.sent).isEmpty();
        });
        world.tellAll();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
        assertThat(world.over).isFalse();
        world.does((core, now) -> core.broken(null, now));
        assertThat(world.over).isTrue();
        assertThat(world.failure).isNull();
    }

    @Test
    void aCloseWhoseStreamBreaksCommitsAndLeavesOnTheNext() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.does(SubscriptionCore::close);
        world.tellAll();
        world.breakLine();
        world.sent.clear();
        world.join("m1");
        world.assign(0, P0);
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
    }

    @Test
    void aCloseBeforeTheFirstStreamIsOverAtOnce() {
        CoreWorld world = new CoreWorld(AUTOMATIC);
        world.does(SubscriptionCore::close);
        assertThat(world.over).isTrue();
    }

    @Test
    void atMostOnceCommitsBeforeItHandsOver() {
        CoreWorld world = CoreWorld.with(AT_MOST_ONCE, P0);
        world.sent.clear();
        world.send(P0, 0, 5);
        assertThat(world.runs).isEmpty();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.handle()).isEqualTo(range(0, 5));
    }

    @Test
    void atMostOnceWaitsWhileItsCommitFails() {
        CoreWorld world = CoreWorld.with(AT_MOST_ONCE, P0);
        world.sent.clear();
        world.send(P0, 0, 5);
        world.commitFails(Reason.OUTCOME_UNKNOWN);
        assertThat(world.runs).isEmpty();
        world.pass(Duration.ofMillis(300));
        world.commitStored();
        assertThat(world.runs).hasSize(1);
    }

    @Test
    void atMostOnceGivesBackWhatItCommittedAndDidNotHandOver() {
        CoreWorld world = CoreWorld.with(AT_MOST_ONCE, P0);
        world.sent.clear();
        world.send(P0, join(CoreWorld.batch(0, 5), CoreWorld.batch(5, 10)));
        assertThat(world.commitStored()).isEqualTo(10);
        world.handle(batch -> world.revoke(P0));
        world.tellAll();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.RELEASED)).hasSize(1);
    }

    @Test
    void atMostOnceDoesNotHandOverAgainWhatAHandlerFailedOn() {
        CoreWorld world = CoreWorld.with(AT_MOST_ONCE, P0);
        world.sent.clear();
        world.send(P0, join(CoreWorld.batch(0, 5), CoreWorld.batch(5, 10)));
        world.commitStored();
        world.handle(SubscriptionCoreTest::failing);
        world.tellAll();
        assertThat(world.commitStored()).isEqualTo(5);
    }

    @Test
    void aPartitionThatFailsIsToldAfterAllBeforeItWasHandled() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.fails(P0, Reason.CORRUPT_DATA);
        assertThat(world.notices).hasSize(1);
        world.handle();
        assertThat(world.notices.getLast()).isInstanceOf(Notice.Failed.class);
    }

    @Test
    void aPartitionThatFailsForAWhileIsTriedAgainWhereItWas() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.fails(P0, Reason.STORAGE_UNAVAILABLE);
        world.sent.clear();
        world.pass(Duration.ofMillis(300));
        var seeks = world.take(RequestCase.SEEK);
        assertThat(seeks).hasSize(1);
        assertThat(seeks.getFirst().getSeek().getOffset()).isEqualTo(5);
        assertThat(world.notices).hasSize(1);
    }

    @Test
    void aDamagedBatchIsAskedForAgainAndEndsItWhenItStaysDamaged() {
        CoreWorld world = CoreWorld.with(AUTOMATIC, P0);
        byte[] damaged = CoreWorld.batch(0, 5);
        damaged[damaged.length - 1] ^= 1;
        for (int i = 0; i < 3; i++) {
            world.sent.clear();
            world.send(P0, damaged);
            assertThat(world.handle()).isEmpty();
            assertThat(world.take(RequestCase.SEEK).getFirst().getSeek().getOffset()).isZero();
            world.sought(P0, 0);
        }
        assertThat(world.over).isFalse();
        world.send(P0, damaged);
        world.handle();
        world.tellAll();
        world.pass(Duration.ofSeconds(1));
        world.commitStored();
        world.does((core, now) -> core.broken(null, now));
        assertThat(world.failure).isInstanceOf(MillraceException.Corrupt.class);
    }

    @Test
    void aSubscriptionWithoutAGroupNeitherCommitsNorSendsHeartbeats() {
        CoreWorld world = new CoreWorld(SubscriptionSettings.withoutGroup(List.of("t")).build());
        world.open();
        world.hear(
                io.millrace.protocol.v1.SubscribeResponse.newBuilder()
                        .setJoined(io.millrace.protocol.v1.Joined.getDefaultInstance()));
        world.assign(0, P0);
        world.tellAll();
        world.send(P0, 0, 5);
        assertThat(world.handle()).hasSize(5);
        world.sent.clear();
        assertThat(world.core.tickInNanos(world.now)).isEqualTo(Long.MAX_VALUE);
        world.does(SubscriptionCore::close);
        world.tellAll();
        assertThat(world.sent).hasSize(1);
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
    }
}
