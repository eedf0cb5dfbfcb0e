package io.millrace.client;

import static io.millrace.client.subscription.SubscriptionCoreHarness.P0;
import static io.millrace.client.subscription.SubscriptionCoreHarness.P1;
import static io.millrace.client.subscription.SubscriptionCoreHarness.batches;
import static io.millrace.client.subscription.SubscriptionCoreHarness.range;
import static io.millrace.client.subscription.SubscriptionCoreHarness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.partition.StartPosition;
import io.millrace.client.subscription.CommitLedger;
import io.millrace.client.subscription.HandlerRun;
import io.millrace.client.subscription.SubscriptionCoreHarness;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.client.subscription.SubscriptionStep.Notice;
import io.millrace.protocol.v1.Credit;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeRequest.RequestCase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests of a subscription across streams: resumption, credit, pauses and seeks. */
class SubscriptionResumeTest {

    private static final SubscriptionSettings AUTOMATIC =
            settings().commitEvery(Duration.ofSeconds(1)).build();
    private static final SubscriptionSettings MANUAL = settings().commitManually().build();

    private static List<RequestCase> kinds(SubscriptionCoreHarness world) {
        return world.sent.stream().map(SubscribeRequest::getRequestCase).toList();
    }

    @Test
    void aNewStreamResumesAtTheReceivedOffsets() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        world.breakLine();
        assertThat(world.handle()).isEqualTo(range(0, 5));
        assertThat(world.open().getOpen().getMemberId()).isEqualTo("m1");
        world.receive(SubscriptionCoreHarness.joined("m1"));
        world.sent.clear();
        world.assign(0, P0);
        assertThat(kinds(world)).containsExactly(RequestCase.SEEK, RequestCase.CREDIT);
        assertThat(world.sent.getFirst().getSeek().getOffset()).isEqualTo(10);
        // Sent before the node had processed the seek.
        world.send(P0, 0, 5);
        world.sought(P0, 10);
        world.send(P0, 10, 15);
        assertThat(world.handle()).isEqualTo(range(5, 10));
        assertThat(world.handle()).isEqualTo(range(10, 15));
        assertThat(world.notices).hasSize(1);
    }

    @Test
    void partitionsMissingFromANewStreamAreLost() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0, P1);
        world.breakLine();
        world.join("m1");
        world.assign(0, P1);
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
    }

    @Test
    void laterAssignmentsRevokeNothing() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.breakLine();
        world.join("m1");
        world.assign(0, P0);
        world.assign(0, P1);
        assertThat(world.notices.getLast()).isInstanceOf(Notice.Assigned.class);
    }

    @Test
    void aNewMemberIdMeansThatAllPartitionsAreLost() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.breakLine();
        world.join("m2");
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
    }

    @Test
    void unansweredCommitsAreRepeatedInTheirOrderOnceTheirPartitionIsKnownThere() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(MANUAL, P0);
        CompletableFuture<Void> first = commit(world, 3);
        CompletableFuture<Void> second = commit(world, 1);
        world.breakLine();
        world.sent.clear();
        world.join("m1");
        assertThat(world.sent).isEmpty();
        world.assign(0, P0);
        List<SubscribeRequest> commits = world.take(RequestCase.COMMIT);
        assertThat(commits)
                .extracting(each -> each.getCommit().getOffsets(0).getOffset())
                .containsExactly(3L, 1L);
        commits.forEach(each -> {
            world.sent.add(each);
            world.commitStored();
        });
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
    }

    @Test
    void aCommitKeepsItsNumberOnANewStreamAndLaterOnesHaveLargerNumbers() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(MANUAL, P0);
        CompletableFuture<Void> answered = commit(world, 1);
        assertThat(world.commitStored()).isEqualTo(1);
        assertThat(answered).isCompleted();
        CompletableFuture<Void> first = commit(world, 3);
        CompletableFuture<Void> second = commit(world, 2);
        List<Long> before = numbers(world);
        assertThat(before.getFirst()).isPositive();
        assertThat(before.getLast()).isGreaterThan(before.getFirst());
        world.breakLine();
        world.sent.clear();
        world.join("m1");
        world.assign(0, P0);
        assertThat(numbers(world)).isEqualTo(before);
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        CompletableFuture<Void> third = commit(world, 1);
        assertThat(numbers(world)).singleElement().matches(number -> number > before.getLast());
        assertThat(third).isNotDone();
    }

    private static List<Long> numbers(SubscriptionCoreHarness world) {
        return world.take(RequestCase.COMMIT).stream()
                .map(each -> each.getCommit().getSequence())
                .toList();
    }

    private static CompletableFuture<Void> commit(SubscriptionCoreHarness world, long offset) {
        CompletableFuture<Void> stored = new CompletableFuture<>();
        CommitLedger.CommitOffset mark = new CommitLedger.CommitOffset(offset, "");
        world.does((core, now) -> core.commit(P0, mark, stored, now));
        return stored;
    }

    @Test
    void aRevocationContinuesOnANewStream() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.revoke(P0);
        world.breakLine();
        world.reportAll();
        world.sent.clear();
        world.join("m1");
        world.assign(0, P0);
        world.revoke(P0);
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.RELEASED)).hasSize(1);
    }

    @Test
    void creditIsGivenWithTheFirstPartitionsAndAgainAsHandlersFinish() {
        int capacity = 4_000;
        SubscriptionCoreHarness world =
                new SubscriptionCoreHarness(settings().bufferBytes(capacity).build());
        world.join("m1");
        assertThat(world.take(RequestCase.CREDIT)).isEmpty();
        world.assign(0, P0);
        world.reportAll();
        assertThat(bytes(world)).isEqualTo(1_000);
        world.send(P0, 0, 10);
        world.send(P0, 10, 400);
        assertThat(world.take(RequestCase.CREDIT)).isEmpty();
        world.handle();
        world.handle();
        int sent =
                SubscriptionCoreHarness.batch(0, 10).length
                        + SubscriptionCoreHarness.batch(10, 400).length;
        assertThat(sent).isGreaterThan(capacity);
        assertThat(bytes(world)).isEqualTo(sent);
    }

    @Test
    void aBatchLargerThanTheBoundIsTakenWholeAndAlone() {
        SubscriptionCoreHarness world =
                SubscriptionCoreHarness.with(settings().bufferBytes(4_000).build(), P0);
        world.sent.clear();
        world.send(P0, 0, 500);
        assertThat(SubscriptionCoreHarness.batch(0, 500).length).isGreaterThan(4_000);
        assertThat(world.take(RequestCase.CREDIT)).isEmpty();
        world.handle();
        assertThat(bytes(world)).isEqualTo(SubscriptionCoreHarness.batch(0, 500).length);
    }

    @Test
    void whatIsHeldAndGrantedNeverExceedsTheBound() {
        int capacity = 4_000;
        SubscriptionCoreHarness world =
                SubscriptionCoreHarness.with(settings().bufferBytes(capacity).build(), P0);
        long granted = bytes(world);
        long held = 0;
        long next = 0;
        while (granted > 0) {
            int size = SubscriptionCoreHarness.batch(next, next + 10).length;
            world.send(P0, next, next + 10);
            held += size;
            next += 10;
            granted += bytes(world) - size;
            assertThat(held + Math.max(0, granted)).isLessThanOrEqualTo(capacity + size);
        }
        assertThat(held).isGreaterThan(capacity / 2);
    }

    private static long bytes(SubscriptionCoreHarness world) {
        return world.take(RequestCase.CREDIT).stream()
                .map(SubscribeRequest::getCredit)
                .mapToLong(Credit::getBytes)
                .sum();
    }

    @Test
    void aPartitionWhoseHandlerIsSlowIsHeldBackBeforeItTakesTheRoomOfOthers() {
        SubscriptionCoreHarness world =
                SubscriptionCoreHarness.with(settings().bufferBytes(4_000).build(), P0, P1);
        world.sent.clear();
        long next = 0;
        while (world.sent.stream().noneMatch(SubscribeRequest::hasPause) && next < 1_000) {
            world.send(P0, next, next + 10);
            next += 10;
        }
        var pause = world.take(RequestCase.PAUSE).getFirst().getPause();
        assertThat(pause.getResume()).isFalse();
        assertThat(pause.getPartitions(0).getPartition()).isZero();
        while (!world.runs.isEmpty()) {
            world.handle();
        }
        assertThat(world.take(RequestCase.PAUSE).getFirst().getPause().getResume()).isTrue();
    }

    @Test
    void aPausedPartitionHandsNothingOverAndGoesOnWhereItWas() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(
                P0,
                batches(SubscriptionCoreHarness.batch(0, 5), SubscriptionCoreHarness.batch(5, 10)));
        world.send(P0, 10, 15);
        world.handle(batch -> world.does((core, now) -> core.pause(List.of(P0), now)));
        world.send(P0, 15, 20);
        assertThat(world.runs).isEmpty();
        world.sent.clear();
        world.does((core, now) -> core.resume(List.of(P0), now));
        assertThat(kinds(world)).startsWith(RequestCase.PAUSE, RequestCase.SEEK);
        assertThat(world.take(RequestCase.SEEK).getFirst().getSeek().getOffset()).isEqualTo(5);
        world.sought(P0, 5);
        world.send(P0, 5, 10);
        assertThat(world.handle()).isEqualTo(range(5, 10));
    }

    @Test
    void aPauseOutlivesTheStream() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.does((core, now) -> core.pause(List.of(P0), now));
        world.breakLine();
        world.join("m1");
        world.sent.clear();
        world.assign(0, P0);
        assertThat(world.take(RequestCase.PAUSE).getFirst().getPause().getResume()).isFalse();
    }

    @Test
    void aSeekDropsWhatCameAndTheCommitsFollow() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        world.handle();
        HandlerRun running = world.runs.removeFirst();
        world.sent.clear();
        world.does((core, now) -> core.seek(P0, StartPosition.offset(2), now));
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isEqualTo(2);
        world.does((core, now) -> core.handlerEnded(running, new HandlerRun.Outcome.Done(), now));
        assertThat(world.take(RequestCase.SEEK).getFirst().getSeek().getOffset()).isEqualTo(2);
        world.send(P0, 10, 15);
        world.sought(P0, 2);
        world.send(P0, 0, 5);
        assertThat(world.handle()).isEqualTo(range(2, 5));
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isEqualTo(5);
    }

    @Test
    void aSeekToAPlaceThatTheNodeLooksUpSurvivesTheStream() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.does((core, now) -> core.seek(P0, StartPosition.end(), now));
        assertThat(world.take(RequestCase.SEEK).getFirst().getSeek().getPosition().hasLatest())
                .isTrue();
        world.breakLine();
        world.join("m1");
        world.assign(0, P0);
        assertThat(world.take(RequestCase.SEEK).getFirst().getSeek().getPosition().hasLatest())
                .isTrue();
        world.sought(P0, 70);
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isEqualTo(70);
    }

    @Test
    void ofSeveralSeeksOnlyTheAnswerToTheLastCounts() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.does((core, now) -> core.seek(P0, StartPosition.beginning(), now));
        world.does((core, now) -> core.seek(P0, StartPosition.end(), now));
        world.sought(P0, 0, 1);
        world.send(P0, 0, 5);
        assertThat(world.runs).isEmpty();
        world.sought(P0, 70, 2);
        world.send(P0, 70, 75);
        assertThat(world.handle()).isEqualTo(range(70, 75));
    }

    @Test
    void aPartitionWithoutOffsetStartsWhereTheNodeFindsIt() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC);
        world.assign(-1, P0);
        world.reportAll();
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        assertThat(world.take(RequestCase.COMMIT)).isEmpty();
        world.sought(P0, 30, 0);
        world.send(P0, 30, 35);
        assertThat(world.handle()).isEqualTo(range(30, 35));
    }

    @Test
    void commitsFollowSkippedOffsets() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.sought(P0, 30, 0);
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isEqualTo(30);
    }

    @Test
    void duplicateBatchesAreHandledOnce() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.send(P0, 0, 5);
        assertThat(world.runs).isEmpty();
        world.send(P0, 3, 8);
        assertThat(world.handle()).isEqualTo(range(5, 8));
    }
}
