package io.millrace.simulation.world;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A process's access to the simulated etcd, with all faults of the connection. A request of a dead
 * process may still take effect.
 */
public final class NodeEtcd implements Etcd {

    private static final Duration USUAL = Duration.ofMillis(2);
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final EventLoop world;
    private final NodeLoop loop;
    private final FakeEtcd.Client etcd;
    private final FaultState faults;
    private final StepCounter steps;
    private final int node;
    private final RandomGenerator random;
    private final List<NodeWatch> watches = new ArrayList<>();

    NodeEtcd(
            EventLoop world,
            NodeLoop loop,
            FakeEtcd.Client etcd,
            FaultState weather,
            StepCounter steps,
            int node,
            RandomGenerator random) {
        this.world = world;
        this.loop = loop;
        this.etcd = etcd;
        this.faults = weather;
        this.steps = steps;
        this.node = node;
        this.random = random;
    }

    public void cutWatches() {
        for (NodeWatch watch : List.copyOf(watches)) {
            watch.cut();
        }
        watches.removeIf(NodeWatch::isOver);
    }

    /** Withholds further events without an error, as a dead connection does. */
    public void silenceWatches() {
        watches.forEach(NodeWatch::silence);
    }

    private boolean happens(double rate) {
        return rate > 0 && random.nextDouble() < rate;
    }

    private Duration delay() {
        return FaultState.delay(random, USUAL);
    }

    private <T> CompletableFuture<T> call(Supplier<CompletableFuture<T>> effect) {
        CompletableFuture<T> result = new CompletableFuture<>();
        steps.step();
        if (loop.isDead()) {
            return result;
        }
        world.schedule(DEADLINE, () -> fail(result, "no answer in time"));
        Duration there = isLate() ? FaultState.between(random, 500, 8000) : delay();
        boolean lost = happens(faults.etcdLostRequest);
        if (!lost) {
            world.schedule(there, () -> arrive(effect, result));
        }
        return result;
    }

    private boolean isLate() {
        return happens(faults.etcdLateRequest)
                || (faults.requestsSlowUntil[node] > world.nanoTime() && random.nextBoolean());
    }

    private <T> void arrive(Supplier<CompletableFuture<T>> effect, CompletableFuture<T> result) {
        long now = world.nanoTime();
        if (faults.requestsCutUntil[node] > now) {
            return;
        }
        if (faults.etcdUnavailableUntil > now) {
            // Without a leader, a request is rejected or waits for the next leader.
            if (random.nextBoolean()) {
                fail(result, "no leader");
            } else {
                Duration rest = Duration.ofNanos(faults.etcdUnavailableUntil - now);
                world.schedule(rest.plus(delay()), () -> arrive(effect, result));
            }
            return;
        }
        effect.get()
                .whenComplete((value, failure) -> {
                    boolean lost = happens(faults.etcdLostReply);
                    if (!lost && faults.repliesCutUntil[node] <= world.nanoTime()) {
                        world.schedule(
                                delay(), () -> loop.execute(() -> end(result, value, failure)));
                    }
                    if (!loop.isDead()) {
                        steps.step();
                    }
                });
    }

    private static <T> void end(CompletableFuture<T> result, T value, Throwable failure) {
        if (failure == null) {
            result.complete(value);
        } else {
            result.completeExceptionally(failure);
        }
    }

    private void fail(CompletableFuture<?> result, String why) {
        if (!result.isDone()) {
            loop.execute(() ->
                    result.completeExceptionally(
                            new EtcdException(EtcdException.Kind.UNAVAILABLE, why, null)));
        }
    }

    @Override
    public CompletableFuture<TxnResult> txn(
            List<Condition> conditions, List<Op> then, List<Op> otherwise) {
        return call(() -> etcd.txn(conditions, then, otherwise));
    }

    @Override
    public CompletableFuture<Page> range(String from, String end, long revision, int limit) {
        return call(() -> etcd.range(from, end, revision, limit));
    }

    @Override
    public Watch watch(
            String from, String end, long fromRevision, boolean deletes, Watcher watcher) {
        NodeWatch watch = new NodeWatch(world, loop, faults, node, random, watcher);
        if (!loop.isDead()) {
            watches.removeIf(NodeWatch::isOver);
            watches.add(watch);
            world.schedule(
                    delay(),
                    () -> watch.open(() -> etcd.watch(from, end, fromRevision, deletes, watch)));
        }
        return watch;
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        return call(() -> etcd.compact(revision));
    }

    @Override
    public CompletableFuture<Void> freeSpace() {
        return call(() -> etcd.freeSpace());
    }

    @Override
    public CompletableFuture<Long> grantLease(Duration life) {
        return call(() -> etcd.grantLease(life));
    }

    @Override
    public CompletableFuture<Boolean> renewLease(long lease) {
        return call(() -> etcd.renewLease(lease));
    }

    @Override
    public CompletableFuture<Void> revokeLease(long lease) {
        return call(() -> etcd.revokeLease(lease));
    }

    @Override
    public void close() {
        watches.forEach(NodeWatch::close);
        watches.clear();
    }
}
