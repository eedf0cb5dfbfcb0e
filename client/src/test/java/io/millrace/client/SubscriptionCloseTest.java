package io.millrace.client;

import static io.millrace.client.subscription.SubscriptionCoreHarness.P0;
import static io.millrace.client.subscription.SubscriptionCoreHarness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.subscription.SubscriptionCore;
import io.millrace.client.subscription.SubscriptionCoreHarness;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.protocol.v1.SubscribeRequest.RequestCase;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests of closing a subscription. */
class SubscriptionCloseTest {

    private static final SubscriptionSettings AUTOMATIC =
            settings().commitEvery(Duration.ofSeconds(1)).build();

    @Test
    void aClosedInstanceCommitsAndKeepsItsPartitions() {
        SubscriptionCoreHarness world =
                SubscriptionCoreHarness.with(
                        settings().instanceId("a").commitEvery(Duration.ofSeconds(1)).build(), P0);
        world.send(P0, 0, 5);
        world.sent.clear();
        world.handle(batch -> world.does(SubscriptionCore::close));
        world.reportAll();
        assertThat(world.over).isFalse();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.LEAVE)).isEmpty();
        assertThat(world.hungUp).isEqualTo(1);
        assertThat(world.over).isTrue();
        assertThat(world.failure).isNull();
    }

    @Test
    void closingFinishesCommitsAndLeaves() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.send(P0, 5, 10);
        world.sent.clear();
        world.handle(batch -> {
            world.does(SubscriptionCore::close);
            assertThat(world.sent).isEmpty();
        });
        world.reportAll();
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
        assertThat(world.over).isFalse();
        world.does((core, now) -> core.streamEnded(null, now));
        assertThat(world.over).isTrue();
        assertThat(world.failure).isNull();
    }

    @Test
    void aCloseWhoseStreamBreaksCommitsAndLeavesOnTheNext() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.does(SubscriptionCore::close);
        world.reportAll();
        world.breakLine();
        world.sent.clear();
        world.join("m1");
        world.assign(0, P0);
        assertThat(world.commitStored()).isEqualTo(5);
        assertThat(world.take(RequestCase.LEAVE)).hasSize(1);
    }

    @Test
    void aCloseBeforeTheFirstStreamIsOverAtOnce() {
        SubscriptionCoreHarness world = new SubscriptionCoreHarness(AUTOMATIC);
        world.does(SubscriptionCore::close);
        assertThat(world.over).isTrue();
    }
}
