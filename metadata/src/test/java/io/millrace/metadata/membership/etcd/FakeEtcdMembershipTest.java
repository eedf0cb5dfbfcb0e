package io.millrace.metadata.membership.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The contract on the fake etcd, whose leases expire by virtual time. */
final class FakeEtcdMembershipTest extends EtcdMembershipContract {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final FakeEtcd etcd = new FakeEtcd(loop);

    @Override
    protected ProcessConnection newConnection() {
        FakeEtcd.Client client = etcd.client();
        return new ProcessConnection(
                client, () -> client.setDisconnected(true), () -> client.setDisconnected(false));
    }

    @Override
    protected EventLoop loop() {
        return loop;
    }

    @Override
    protected String cluster() {
        return "c";
    }

    @Override
    protected void await(String what, BooleanSupplier condition) {
        for (int i = 0; i < 3_000 && !condition.getAsBoolean(); i++) {
            loop.advance(Duration.ofMillis(10));
        }
        assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    @Override
    protected void pass(Duration time) {
        loop.advance(time);
    }

    @Test
    void aNodeThatWithdrawsItsRolesStaysLiveAndTheLeader() {
        EtcdMembership membership =
                new EtcdMembership(loop, etcd.client(), "c", Duration.ofSeconds(10));
        Set<Role> roles = EnumSet.of(Role.INGEST);
        membership.open();
        membership.register(() -> new RegisteredNode("a", 1, roles, "z", "localhost", 9001, 1, 0));
        loop.advance(Duration.ofMillis(100));
        roles.clear();
        CompletableFuture<Void> refreshed = membership.refresh();
        loop.advance(Duration.ofMillis(10));

        assertThat(refreshed).isCompleted();
        assertThat(membership.nodes())
                .singleElement()
                .satisfies(node -> assertThat(node.roles()).isEmpty());
        loop.advance(Duration.ofMinutes(1));
        assertThat(membership.nodes()).hasSize(1);
        assertThat(membership.isLeader()).isTrue();
    }

    @Test
    void aChangedIncarnationIsRegisteredBeforeTheNextRenewal() {
        Duration life = Duration.ofSeconds(10);
        EtcdMembership membership = new EtcdMembership(loop, etcd.client(), "c", life);
        long[] incarnation = {1};
        membership.open();
        membership.register(() ->
                new RegisteredNode(
                        "a", incarnation[0], Set.of(Role.INGEST), "z", "localhost", 9001, 1, 0));
        loop.advance(Duration.ofMillis(100));
        incarnation[0] = 2;
        loop.advance(Duration.ofMillis(300));

        assertThat(membership.nodes()).extracting(RegisteredNode::incarnation).containsExactly(2L);
    }
}
