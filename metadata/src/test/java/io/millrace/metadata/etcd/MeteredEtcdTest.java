package io.millrace.metadata.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MeteredEtcdTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final FakeEtcd.Client client = new FakeEtcd(loop).client();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Etcd etcd = new MeteredEtcd(client, loop, new EtcdMetrics(registry));

    private Timer requests(String operation) {
        return registry.get("millrace.etcd.request").tag("operation", operation).timer();
    }

    private double failures(String operation, String failure) {
        return registry.get("millrace.etcd.failures")
                .tags("operation", operation, "failure", failure)
                .counter()
                .count();
    }

    private void put() {
        Etcd.Op put = new Etcd.Op.Put("/k", "v".getBytes(UTF_8));
        loop.call(() -> etcd.txn(List.of(), List.of(put), List.of()));
        loop.advance(Duration.ofSeconds(10));
    }

    @Test
    void anAnsweredCallIsTimedByItsKind() {
        client.setDelays(Duration.ofMillis(30), Duration.ofMillis(40));
        put();
        assertThat(requests("txn").count()).isEqualTo(1);
        assertThat(requests("txn").totalTime(TimeUnit.MILLISECONDS)).isEqualTo(70);
        assertThat(requests("range").count()).isZero();
    }

    @Test
    void aFailedCallCountsByItsFailureAndIsNotTimed() {
        client.setDisconnected(true);
        put();
        assertThat(failures("txn", "unavailable")).isEqualTo(1);
        assertThat(requests("txn").count()).isZero();
    }

    @Test
    void aWatchCountsWhenItFailsAndStillReportsToItsWatcher() {
        RecordedChanges changes = new RecordedChanges();
        loop.call(() -> etcd.watch("/", "0", 1, true, changes));
        put();
        loop.call(client::cutWatches);
        loop.advance(Duration.ofSeconds(10));
        assertThat(failures("watch", "unavailable")).isEqualTo(1);
        assertThat(changes.puts()).hasSize(1);
    }
}
