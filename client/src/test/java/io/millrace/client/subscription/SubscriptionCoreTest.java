package io.millrace.client.subscription;

import static io.millrace.client.subscription.SubscriptionCoreHarness.P0;
import static io.millrace.client.subscription.SubscriptionCoreHarness.P1;
import static io.millrace.client.subscription.SubscriptionCoreHarness.batches;
import static io.millrace.client.subscription.SubscriptionCoreHarness.failing;
import static io.millrace.client.subscription.SubscriptionCoreHarness.range;
import static io.millrace.client.subscription.SubscriptionCoreHarness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.record.PoisonBatches;
import io.millrace.client.record.UndecodablePolicy;
import io.millrace.client.subscription.SubscriptionStep.Notice;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Invited;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.SubscribeRequest.RequestCase;
import io.millrace.protocol.v1.SubscribeResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of a subscription's opening, delivery and failing partitions. */
class SubscriptionCoreTest {

    private static final SubscriptionSettings AUTOMATIC =
            settings().commitEvery(Duration.ofSeconds(1)).build();

    @Test
    void itOpensWithWhatItWasGiven() {
        SubscriptionCoreHarness world =
                new SubscriptionCoreHarness(
                        settings()
                                .pattern("log-.*")
                                .assignor(Assignor.ZONE_AWARE)
                                .instanceId("i")
                                .clientId("c")
                                .start(StartPosition.end())
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
    void aPartitionOfARecreatedTopicIsAnotherPartition() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.does((core, now) -> core.streamEnded(null, now));
        world.join("m1");
        world.notices.clear();

        world.assign(9, 0, P0);

        assertThat(world.notices)
                .extracting(notice -> notice.getClass().getSimpleName())
                .containsExactly("Lost", "Assigned");
        assertThat(world.sent)
                .as("no seek to an offset of the former topic")
                .noneMatch(request -> request.getRequestCase() == RequestCase.SEEK);
    }

    @Test
    void withoutAGroupAStreamContinuesOnceAllPositionsAreKnown() {
        SubscriptionSettings settings =
                SubscriptionSettings.withoutGroup(List.of("t")).start(StartPosition.end()).build();
        SubscriptionCoreHarness world = new SubscriptionCoreHarness(settings);
        world.join("ungrouped");
        world.assign(-1, P0);
        world.does((core, now) -> core.streamEnded(null, now));
        assertThat(world.open().getOpen().getMemberId()).isEmpty();

        world.receive(SubscriptionCoreHarness.joined("ungrouped"));
        world.assign(3, P0);
        world.does((core, now) -> core.streamEnded(null, now));
        assertThat(world.open().getOpen().getMemberId()).isEqualTo("ungrouped");
    }

    @Test
    void anInvitationIsAnsweredAtOnceEachTime() {
        SubscriptionCoreHarness world =
                new SubscriptionCoreHarness(settings().instanceId("i").build());
        world.open();
        world.receive(invited("m1"));
        world.receive(invited("m2"));
        assertThat(world.sent)
                .extracting(sent -> sent.getAccept().getMemberId())
                .containsExactly("m1", "m2");
    }

    @Test
    void aClosedMemberAcceptsNoInvitation() {
        SubscriptionCoreHarness world =
                new SubscriptionCoreHarness(settings().instanceId("i").build());
        world.open();
        world.does(SubscriptionCore::close);
        world.receive(invited("m1"));
        assertThat(world.sent).isEmpty();
    }

    private static SubscribeResponse.Builder invited(String memberId) {
        return SubscribeResponse.newBuilder()
                .setInvited(Invited.newBuilder().setMemberId(memberId));
    }

    @Test
    void nothingIsHandedOverBeforeTheListenerKnowsThePartition() {
        SubscriptionCoreHarness world = new SubscriptionCoreHarness(AUTOMATIC);
        world.join("m1");
        world.assign(0, P0);
        world.send(P0, 0, 5);
        assertThat(world.runs).isEmpty();
        world.reportAll();
        assertThat(world.handle()).isEqualTo(range(0, 5));
    }

    @Test
    void recordsBeforeThePositionAreSkipped() {
        SubscriptionCoreHarness world = new SubscriptionCoreHarness(AUTOMATIC);
        world.join("m1");
        world.assign(3, P0);
        world.reportAll();
        world.send(P0, 0, 5);
        assertThat(world.handle()).isEqualTo(range(3, 5));
    }

    @Test
    void aPartitionIsNeverWithTwoHandlersAndOthersAreMeanwhile() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0, P1);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        world.send(P1, 0, 5);
        assertThat(world.runs).extracting(HandlerRun::partition).containsExactly(P0, P1);
        assertThat(world.handle()).isEqualTo(range(0, 5));
        assertThat(world.runs).extracting(HandlerRun::partition).containsExactly(P1, P0);
    }

    @Test
    void aSeekResumesAPartitionThatASlowHandlerPaused() {
        SubscriptionCoreHarness world =
                SubscriptionCoreHarness.with(settings().bufferBytes(400).build(), P0, P1);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        assertThat(world.take(RequestCase.PAUSE).getLast().getPause().getResume()).isFalse();
        world.does((core, now) -> core.seek(P0, StartPosition.offset(2), now));
        world.handle();
        assertThat(world.take(RequestCase.PAUSE).getLast().getPause().getResume()).isTrue();
        world.sought(P0, 2);
        world.send(P0, 0, 5);
        assertThat(world.handle()).isEqualTo(range(2, 5));
    }

    @Test
    void aRetriedReadResumesAPartitionThatASlowHandlerPaused() {
        SubscriptionCoreHarness world =
                SubscriptionCoreHarness.with(
                        settings().bufferBytes(400).atMostOnce().build(), P0, P1);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        world.fails(P0, Reason.STORAGE_UNAVAILABLE);
        assertThat(world.take(RequestCase.PAUSE).getLast().getPause().getResume()).isTrue();
    }

    @Test
    void aPermanentRejectionEndsTheSubscription() {
        SubscriptionCoreHarness world = new SubscriptionCoreHarness(AUTOMATIC);
        world.open();
        world.endWith(Reason.UNKNOWN_TOPIC);
        assertThat(world.over).isTrue();
        assertThat(world.failure).isInstanceOf(MillraceException.Rejected.class);
    }

    @Test
    void aHandlerThatThrowsEndsItWithNothingBehindCommitted() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0, P1);
        world.send(
                P0,
                batches(SubscriptionCoreHarness.batch(0, 5), SubscriptionCoreHarness.batch(5, 10)));
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
            world.does((core, now) -> core.handlerEnded(failing, outcome, now));
            world.reportAll();
            assertThat(world.commitStored()).isEqualTo(5);
        });
        assertThat(world.runs).isEmpty();
        world.reportAll();
        assertThat(world.commitStored()).isEqualTo(7);
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
        world.does((core, now) -> core.streamEnded(null, now));
        assertThat(world.failure)
                .isInstanceOf(MillraceException.HandlerFailed.class)
                .hasMessageContaining("the handler's own trouble");
    }

    @Test
    void aBatchThatCannotBeDecodedEndsItOrIsSkipped() {
        SubscriptionCoreHarness stops = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        stops.send(P0, PoisonBatches.garbage());
        assertThat(stops.handle()).isEmpty();
        stops.reportAll();
        stops.commitStored();
        stops.does((core, now) -> core.streamEnded(null, now));
        assertThat(stops.failure).isInstanceOf(MillraceException.Undecodable.class);

        SubscriptionCoreHarness skips =
                SubscriptionCoreHarness.with(
                        settings().undecodable(UndecodablePolicy.SKIP).build(), P0);
        skips.send(P0, PoisonBatches.garbage());
        assertThat(skips.handle()).isEmpty();
        skips.send(P0, 3, 5);
        assertThat(skips.handle()).isEqualTo(range(3, 5));
    }

    @Test
    void aListenerThatThrowsEndsIt() {
        SubscriptionCoreHarness world = new SubscriptionCoreHarness(AUTOMATIC);
        world.join("m1");
        world.assign(0, P0);
        Notice notice = world.untold.removeFirst();
        world.does((core, now) -> core.reported(notice, new IllegalStateException("no"), now));
        world.reportAll();
        world.commitStored();
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
    }

    @Test
    void aFailedPartitionIsReportedAfterItsRecordsAreHandled() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.fails(P0, Reason.CORRUPT_DATA);
        assertThat(world.notices).hasSize(1);
        world.handle();
        assertThat(world.notices.getLast()).isInstanceOf(Notice.Failed.class);
    }

    @Test
    void aPartitionThatFailsForAWhileIsTriedAgainWhereItWas() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.fails(P0, Reason.STORAGE_UNAVAILABLE);
        world.sent.clear();
        world.pass(Duration.ofMillis(300));
        var seeks = world.take(RequestCase.SEEK);
        assertThat(seeks).hasSize(1);
        assertThat(seeks.getFirst().getSeek().getOffset()).isEqualTo(5);
        assertThat(world.notices).hasSize(1);
        world.sought(P0, 5);
        assertThat(world.core.readProblem())
                .isNotNull()
                .extracting(AssignedPartitionState.ReadProblem::message)
                .isEqualTo(P0 + " cannot be read: It fails.");
        world.send(P0, 5, 6);
        assertThat(world.core.readProblem()).isNull();
    }

    @Test
    void aDamagedBatchIsAskedForAgainAndEndsItWhenItStaysDamaged() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        byte[] damaged = SubscriptionCoreHarness.batch(0, 5);
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
        world.reportAll();
        world.pass(Duration.ofSeconds(1));
        world.commitStored();
        world.does((core, now) -> core.streamEnded(null, now));
        assertThat(world.failure).isInstanceOf(MillraceException.Corrupt.class);
    }

    @Test
    void aSubscriptionWithoutAGroupNeitherCommitsNorSendsHeartbeats() {
        SubscriptionCoreHarness world =
                new SubscriptionCoreHarness(
                        SubscriptionSettings.withoutGroup(List.of("t")).build());
        world.open();
        world.receive(
                io.millrace.protocol.v1.SubscribeResponse.newBuilder()
                        .setJoined(io.millrace.protocol.v1.Joined.getDefaultInstance()));
        world.assign(0, P0);
        world.reportAll();
        world.send(P0, 0, 5);
        assertThat(world.handle()).hasSize(5);
        world.sent.clear();
        assertThat(world.core.tickInNanos(world.now)).isEqualTo(Long.MAX_VALUE);
        world.does(SubscriptionCore::close);
        world.reportAll();
        assertThat(world.sent).hasSize(1);
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
    }
}
