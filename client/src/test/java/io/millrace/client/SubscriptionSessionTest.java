package io.millrace.client;

import static io.millrace.client.subscription.SubscriptionCoreHarness.INTERVAL;
import static io.millrace.client.subscription.SubscriptionCoreHarness.P0;
import static io.millrace.client.subscription.SubscriptionCoreHarness.TIMEOUT;
import static io.millrace.client.subscription.SubscriptionCoreHarness.assertRejected;
import static io.millrace.client.subscription.SubscriptionCoreHarness.range;
import static io.millrace.client.subscription.SubscriptionCoreHarness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.subscription.SubscriptionCore;
import io.millrace.client.subscription.SubscriptionCoreHarness;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.client.subscription.SubscriptionStep.Notice;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeRequest.RequestCase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of a member's session expiry, and of its identity afterwards. */
class SubscriptionSessionTest {

    private static final SubscriptionSettings AUTOMATIC =
            settings().commitEvery(Duration.ofSeconds(1)).build();

    @Test
    void theSessionExpiresATimeoutAfterTheLastAcknowledgedMessage() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
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
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.alive(1_000);
        world.pass(INTERVAL.plusMillis(1));
        world.pass(Duration.ofSeconds(5));
        assertThat(world.core.silence(world.now)).isBetween(INTERVAL, TIMEOUT);
        world.alive(1_000);
        assertThat(world.core.silence(world.now)).isZero();
    }

    @Test
    void anExpiredMemberHandlesAndCommitsNothing() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.send(P0, 5, 10);
        world.sent.clear();
        // As after a long suspension of the process: the clock is checked first.
        world.now += TIMEOUT.toNanos() + 1;
        assertThat(world.handle()).isEmpty();
        world.alive(100);
        assertRejected(world.commit(P0, 3), Reason.PARTITION_NOT_LEASED);
        assertThat(world.take(RequestCase.COMMIT)).isEmpty();
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
    }

    @Test
    void anExpiredMemberRejoinsAtTheCommittedOffsets() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 5);
        world.handle();
        world.now += TIMEOUT.toNanos() + 1;
        world.does(SubscriptionCore::tick);
        assertThat(world.open().getOpen().getMemberId()).isEqualTo("m1");
        world.receive(SubscriptionCoreHarness.joined("m1"));
        world.assign(0, P0);
        world.reportAll();
        world.send(P0, 0, 5);
        assertThat(world.handle()).isEqualTo(range(0, 5));
    }

    @Test
    void anUnknownMemberJoinsAsANewOne() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.endWith(Reason.UNKNOWN_MEMBER);
        assertThat(world.notices.getLast()).isEqualTo(new Notice.Lost(List.of(P0)));
        assertThat(world.open().getOpen().getMemberId()).isEmpty();
    }

    @Test
    void aReplacedInstanceDoesNotRejoin() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.endWith(Reason.INSTANCE_REPLACED);
        assertThat(world.over).isTrue();
    }

    @Test
    void aMemberUnknownToACommitRetriesItsOldIdFirst() {
        SubscriptionCoreHarness world = SubscriptionCoreHarness.with(AUTOMATIC, P0);
        world.send(P0, 0, 1);
        world.handle();
        world.pass(AUTOMATIC.commitInterval());
        world.commitFails(Reason.UNKNOWN_MEMBER);

        assertThat(world.hungUp).isEqualTo(1);
        assertThat(world.open().getOpen().getMemberId()).isEqualTo("m1");
        world.endWith(Reason.UNKNOWN_MEMBER);
        assertThat(world.open().getOpen().getMemberId()).isEmpty();
    }
}
