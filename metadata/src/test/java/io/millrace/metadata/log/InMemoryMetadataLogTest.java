package io.millrace.metadata.log;

import io.millrace.runtime.loop.SimulatedEventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

final class InMemoryMetadataLogTest extends MetadataLogContract {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final InMemoryMetadataLog.Storage storage = new InMemoryMetadataLog.Storage();

    @Override
    protected MetadataLog newLog() {
        return new InMemoryMetadataLog(loop, storage);
    }

    @Override
    protected <T> T onLoop(Supplier<CompletableFuture<T>> call) {
        return SimulatedCalls.await(loop, call);
    }
}
