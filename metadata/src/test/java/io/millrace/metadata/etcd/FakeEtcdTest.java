package io.millrace.metadata.etcd;

import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

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
}
