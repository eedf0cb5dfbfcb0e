package io.millrace.client;

import static io.millrace.client.subscription.SubscriptionCoreHarness.P0;
import static io.millrace.client.subscription.SubscriptionCoreHarness.batches;
import static io.millrace.client.subscription.SubscriptionCoreHarness.range;
import static io.millrace.client.subscription.SubscriptionCoreHarness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.subscription.SubscriptionCoreHarness;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeRequest.RequestCase;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests of subscriptions that commit before handling. */
class AtMostOnceTest {

    private static final SubscriptionSettings AT_MOST_ONCE = settings().atMostOnce().build();

    @Test
    void atMostOnceCommitsBeforeItHandsOver() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AT_MOST_ONCE, P0);
        world.sent.clear();
        world.send(P0, 0, 5);
        assertThat(world.runs).isEmpty();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.handle()).isEqualTo(range(0, 5));
    }

    @Test
    void atMostOnceWaitsWhileItsCommitFails() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AT_MOST_ONCE, P0);
        world.sent.clear();
        world.send(P0, 0, 5);
        world.commitFails(Reason.OUTCOME_UNKNOWN);
        assertThat(world.runs).isEmpty();
        world.pass(Duration.ofMillis(300));
        world.commitStored();
        assertThat(world.runs).hasSize(1);
    }

    @Test
    void atMostOnceReturnsOffsetsThatWereCommittedButNotHandled() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AT_MOST_ONCE, P0);
        world.sent.clear();
        world.send(
                P0,
                batches(SubscriptionCoreHarness.batch(0, 5), SubscriptionCoreHarness.batch(5, 10)));
        assertThat(world.commitStored()).isEqualTo(10);
        world.handle(batch -> world.revoke(P0));
        world.reportAll();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.RELEASED)).hasSize(1);
    }

    @Test
    void atMostOnceDoesNotHandOverAgainWhatAHandlerFailedOn() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AT_MOST_ONCE, P0);
        world.sent.clear();
        world.send(
                P0,
                batches(SubscriptionCoreHarness.batch(0, 5), SubscriptionCoreHarness.batch(5, 10)));
        world.commitStored();
        world.handle(SubscriptionCoreHarness::failing);
        world.reportAll();
        assertThat(world.commitStored()).isEqualTo(5);
    }
}
