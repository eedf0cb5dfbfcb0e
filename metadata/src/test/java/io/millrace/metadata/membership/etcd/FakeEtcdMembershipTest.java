package io.millrace.metadata.membership.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.function.BooleanSupplier;

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
}
