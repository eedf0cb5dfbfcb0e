package io.millrace.client;

import static io.millrace.client.subscription.SubscriptionCoreHarness.P0;
import static io.millrace.client.subscription.SubscriptionCoreHarness.P1;
import static io.millrace.client.subscription.SubscriptionCoreHarness.assertRejected;
import static io.millrace.client.subscription.SubscriptionCoreHarness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.subscription.SubscriptionCoreHarness;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.client.subscription.SubscriptionStep.Notice;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeRequest.RequestCase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests of a subscription's commits and their results. */
class SubscriptionCommitTest {

    private static final SubscriptionSettings AUTOMATIC =
            settings().commitEvery(Duration.ofSeconds(1)).build();
    private static final SubscriptionSettings MANUAL = settings().commitManually().build();

    @Test
    void handledOffsetsAreCommittedPeriodicallyAndOnlyOnce() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
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
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isZero();
    }

    @Test
    void theFirstCommitKeepsTheMetadata() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commit().getOffsets(0).getMetadata()).isEqualTo("kept");
    }

    @Test
    void aCommitThatCouldNotBeStoredIsMadeAgain() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.sent.clear();
        world.pass(Duration.ofSeconds(1));
        world.commitFails(Reason.METADATA_UNAVAILABLE);
        world.pass(Duration.ofSeconds(1));
        assertThat(world.commitStored()).isEqualTo(5);
    }

    @Test
    void aCommitForAPartitionThatIsNotHeldIsRefusedAtOnce() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(MANUAL, P0);
        assertRejected(world.commit(P1, 3), Reason.PARTITION_NOT_LEASED);
        assertThat(world.take(RequestCase.COMMIT)).isEmpty();
    }

    @Test
    void aFencedCommitMeansThatThePartitionIsLost() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(MANUAL, P0, P1);
        world.sent.clear();
        CompletableFuture<Void> stored = world.commit(P0, 3);
        world.commitFails(Reason.PARTITION_NOT_LEASED);
        assertRejected(stored, Reason.PARTITION_NOT_LEASED);
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
        world.send(P1, 0, 5);
        assertThat(world.handle()).hasSize(5);
    }

    @Test
    void aRejectedPartitionOfACommitIsLostAndTheOthersAreRetried() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0, P1);
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
}
