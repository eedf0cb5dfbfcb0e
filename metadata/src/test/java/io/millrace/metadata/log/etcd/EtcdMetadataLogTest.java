package io.millrace.metadata.log.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.log.MetadataLogContract;
import io.millrace.metadata.log.SimulatedCalls;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.MemoryObjectStore;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class EtcdMetadataLogTest extends MetadataLogContract {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final FakeEtcd etcd = new FakeEtcd(loop);
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SplittableRandom random = new SplittableRandom(1);

    @Override
    protected MetadataLog newLog() {
        return newLog(etcd.client());
    }

    private MetadataLog newLog(FakeEtcd.Client client) {
        return newLog(client, EtcdLogSettings.DEFAULTS);
    }

    private MetadataLog newLog(FakeEtcd.Client client, EtcdLogSettings settings) {
        return new EtcdMetadataLog(
                loop, loop, client, bucket, "test", settings, () -> true, random.split());
    }

    @Override
    protected <T> T onLoop(Supplier<CompletableFuture<T>> call) {
        return SimulatedCalls.await(loop, call);
    }

    @Test
    void aLogIsNotCreatedInAnEtcdThatLostTheIdentity() {
        ClusterId id = new ClusterId("a".repeat(32));
        MetadataLog log = newLog(etcd.client(), EtcdLogSettings.DEFAULTS.withIdentity(id));

        assertThatThrownBy(() -> open(log))
                .hasCauseInstanceOf(LogException.Corrupt.class)
                .hasMessageContaining("identity none, not " + id);
        assertThat(etcd.keys()).isEmpty();
    }

    @Test
    void closingDoesNotWaitForEtcdThatIsAway() {
        FakeEtcd.Client client = etcd.client();
        MetadataLog log = newLog(client);
        open(log);
        client.setDisconnected(true);
        CompletableFuture<AppendOutcome> sent = log.append(new EntryId(0, 1, 1), new byte[1]);
        CompletableFuture<AppendOutcome> waiting = log.append(new EntryId(0, 1, 2), new byte[1]);
        CompletableFuture<Void> closed = log.close();
        loop.advance(Duration.ofSeconds(4));

        assertThat(closed).isCompleted();
        assertThat(sent.join()).isInstanceOf(AppendOutcome.Indeterminate.class);
        assertThat(waiting.join()).isInstanceOf(AppendOutcome.NotAppended.class);
    }
}
