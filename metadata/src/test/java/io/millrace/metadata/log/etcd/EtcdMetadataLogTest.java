package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.log.MetadataLogContract;
import io.millrace.metadata.log.SimulatedCalls;
import io.millrace.storage.loop.SimulatedLoop;
import io.millrace.storage.object.MemoryObjectStore;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

final class EtcdMetadataLogTest extends MetadataLogContract {

    private final SimulatedLoop loop = new SimulatedLoop();
    private final FakeEtcd etcd = new FakeEtcd(loop);
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SplittableRandom random = new SplittableRandom(1);

    @Override
    protected MetadataLog newLog() {
        return new EtcdMetadataLog(
                loop,
                loop,
                etcd.client(),
                bucket,
                "test",
                EtcdLogSettings.DEFAULTS,
                () -> true,
                random.split());
    }

    @Override
    protected <T> T onLoop(Supplier<CompletableFuture<T>> call) {
        return SimulatedCalls.await(loop, call);
    }
}
