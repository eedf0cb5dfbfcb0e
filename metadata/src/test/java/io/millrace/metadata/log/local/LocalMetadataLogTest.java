package io.millrace.metadata.log.local;

import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.log.MetadataLogContract;
import io.millrace.metadata.log.SimulatedCalls;
import io.millrace.runtime.disk.CrashingDisk;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.MemoryObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

final class LocalMetadataLogTest extends MetadataLogContract {

    private static final LocalLogSettings SMALL =
            new LocalLogSettings(5, 8 << 20, Duration.ofSeconds(60), 2, 1);

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final CrashingDisk disk = new CrashingDisk();
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SplittableRandom random = new SplittableRandom(1);

    @Override
    protected MetadataLog newLog() {
        return new LocalMetadataLog(
                loop,
                loop,
                loop,
                disk,
                Path.of("/data/log"),
                bucket,
                "test",
                SMALL,
                random.split());
    }

    @Override
    protected <T> T onLoop(Supplier<CompletableFuture<T>> call) {
        return SimulatedCalls.await(loop, call);
    }
}
