package io.millrace.client;

import static io.millrace.client.subscription.SubscriptionCoreHarness.P0;
import static io.millrace.client.subscription.SubscriptionCoreHarness.batches;
import static io.millrace.client.subscription.SubscriptionCoreHarness.range;
import static io.millrace.client.subscription.SubscriptionCoreHarness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.subscription.HandlerRun;
import io.millrace.client.subscription.SubscriptionCoreHarness;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.client.subscription.SubscriptionStep.Notice;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeRequest.RequestCase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests of the revocation, loss and return of partitions. */
class SubscriptionHandoverTest {

    private static final SubscriptionSettings AUTOMATIC =
            settings().commitEvery(Duration.ofSeconds(1)).build();
    private static final SubscriptionSettings MANUAL = settings().commitManually().build();

    @Test
    void revokedPartitionsAreFinishedToldCommittedAndThenReleased() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
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
        world.reportAll();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.RELEASED)).hasSize(1);
    }

    @Test
    void aHandlerStopsBetweenTheBatchesOfAChunkWhenItsPartitionIsRevoked() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(
                P0,
                batches(SubscriptionCoreHarness.batch(0, 5), SubscriptionCoreHarness.batch(5, 10)));
        world.sent.clear();
        world.handle(batch -> world.revoke(P0));
        world.reportAll();
        assertThat(world.commitStored()).isEqualTo(5);
    }

    @Test
    void aRevokedPartitionIsNotReleasedWhileItsLastCommitFails() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.sent.clear();
        world.revoke(P0);
        world.reportAll();
        world.commitFails(Reason.METADATA_UNAVAILABLE);
        assertThat(world.take(RequestCase.RELEASED)).isEmpty();
        world.pass(Duration.ofMillis(300));
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.RELEASED)).hasSize(1);
    }

    @Test
    void commitsOfTheListenerPrecedeTheRelease() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(MANUAL, P0);
        world.revoke(P0);
        world.sent.clear();
        CompletableFuture<Void> stored = world.commit(P0, 3);
        world.reportAll();
        assertThat(stored).isNotDone();
        assertThat(world.commitStored()).isEqualTo(3);
        assertThat(stored).isCompleted();
        assertThat(world.take(RequestCase.RELEASED)).hasSize(1);
    }

    @Test
    void lostPartitionsAreDroppedAndNeverCommitted() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
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
    void aReassignedPartitionWaitsForItsPreviousHandler() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        HandlerRun before = world.runs.removeFirst();
        world.lose(P0);
        world.assign(2, P0);
        world.reportAll();
        world.send(P0, 2, 5);
        assertThat(world.runs).isEmpty();
        world.does((core, now) -> core.handlerEnded(before, new HandlerRun.Outcome.Done(), now));
        assertThat(world.handle()).isEqualTo(range(2, 5));
    }
}
