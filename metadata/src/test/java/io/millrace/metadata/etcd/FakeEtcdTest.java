package io.millrace.metadata.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class FakeEtcdTest extends EtcdContract {

    private static final Duration STEP = Duration.ofMillis(100);
    private static final int MAX_STEPS = 600;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final FakeEtcd etcd = new FakeEtcd(loop);
    private int prefixes;

    @Override
    protected Etcd newClient() {
        return etcd.client();
    }

    @Override
    protected String newPrefix() {
        return "/test-" + prefixes++ + "/";
    }

    @Override
    protected EventLoop loop() {
        return loop;
    }

    @Override
    protected <T> T onLoop(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<CompletableFuture<T>> made = new CompletableFuture<>();
        loop.call(() -> made.complete(call.get()));
        CompletableFuture<T> result = made.join();
        for (int i = 0; i < MAX_STEPS && !result.isDone(); i++) {
            loop.advance(STEP);
        }
        if (!result.isDone()) {
            throw new AssertionError("the call did not end");
        }
        return result.join();
    }

    @Test
    void aRestoreReturnsTheKeysOfTheBackupWithTheirVersions() {
        etcd.put("/a", "1");
        etcd.put("/a", "2");
        FakeEtcd.Backup backup = etcd.backup();
        etcd.put("/a", "3");
        etcd.put("/b", "4");
        etcd.restore(backup, backup.revision() + 10);
        Etcd client = newClient();
        Etcd.TxnResult read =
                onLoop(() -> client.txn(List.of(), List.of(new Etcd.Op.Get("/a")), List.of()));

        assertThat(etcd.keys()).containsExactly("/a");
        assertThat(read.revision()).isEqualTo(backup.revision() + 10);
        assertThat(read.gets().getFirst().map(Etcd.KeyValue::version)).contains(2L);
    }

    @Test
    void theKeysOfARestoreStayReadableAtItsRevision() {
        etcd.put("/a", "1");
        etcd.restore(etcd.backup(), etcd.revision());
        long restored = etcd.revision();
        etcd.put("/a", "2");
        Etcd client = newClient();
        Etcd.Page read = onLoop(() -> client.range("/a", "/b", restored, 10));

        assertThat(read.keys())
                .extracting(Etcd.KeyValue::value)
                .containsExactly("1".getBytes(UTF_8));
    }
}
