package io.millrace.metadata.etcd;

import io.millrace.runtime.loop.Loop;
import io.millrace.runtime.loop.SimulatedLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

final class FakeEtcdTest extends EtcdContract {

    private static final Duration STEP = Duration.ofMillis(100);
    private static final int MOST_STEPS = 600;

    private final SimulatedLoop loop = new SimulatedLoop();
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
    protected Loop loop() {
        return loop;
    }

    @Override
    protected <T> T onLoop(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<CompletableFuture<T>> made = new CompletableFuture<>();
        loop.call(() -> made.complete(call.get()));
        CompletableFuture<T> result = made.join();
        for (int i = 0; i < MOST_STEPS && !result.isDone(); i++) {
            loop.advance(STEP);
        }
        if (!result.isDone()) {
            throw new AssertionError("the call did not end");
        }
        return result.join();
    }
}
