package io.millrace.simulation.world;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A watch between etcd and a process. Events are delayed but stay in order. A watch may skip or
 * repeat a revision, fall silent or break.
 */
final class NodeWatch implements Etcd.Watch, Etcd.Watcher {

    private static final Duration USUAL = Duration.ofMillis(2);

    private final EventLoop world;
    private final NodeLoop loop;
    private final FaultState faults;
    private final int node;
    private final RandomGenerator random;
    private final Etcd.Watcher watcher;
    private final List<Etcd.KeyValue> group = new ArrayList<>();
    private Etcd.@Nullable Watch source;
    private long groupRevision;
    private boolean groupSkipped;
    private boolean groupRepeats;
    private boolean silent;
    private boolean over;
    private long lastArrival;

    NodeWatch(
            EventLoop world,
            NodeLoop loop,
            FaultState weather,
            int node,
            RandomGenerator random,
            Etcd.Watcher watcher) {
        this.world = world;
        this.loop = loop;
        this.faults = weather;
        this.node = node;
        this.random = random;
        this.watcher = watcher;
    }

    void open(Supplier<Etcd.Watch> opening) {
        if (over) {
            return;
        }
        long now = world.nanoTime();
        if (faults.etcdUnavailableUntil > now || faults.requestsCutUntil[node] > now) {
            cut();
            return;
        }
        source = opening.get();
        silent = happens(faults.watchFallsSilent);
        if (happens(faults.watchFailsAtOnce)) {
            world.schedule(FaultState.between(random, 0, 20), this::cut);
        }
    }

    private boolean happens(double rate) {
        return rate > 0 && random.nextDouble() < rate;
    }

    @Override
    public void put(Etcd.KeyValue key) {
        if (key.modRevision() != groupRevision) {
            if (groupRepeats) {
                List.copyOf(group).forEach(again -> arrive(() -> watcher.put(again)));
            }
            group.clear();
            groupRevision = key.modRevision();
            groupSkipped = happens(faults.watchSkips);
            groupRepeats = happens(faults.watchRepeats);
        }
        if (!groupSkipped) {
            group.add(key);
            arrive(() -> watcher.put(key));
        }
    }

    @Override
    public void deleted(String key, long revision) {
        arrive(() -> watcher.deleted(key, revision));
    }

    @Override
    public void failed(EtcdException why) {
        arrive(() -> {
            over = true;
            watcher.failed(why);
        });
    }

    private void arrive(Runnable event) {
        if (over || silent) {
            return;
        }
        long now = world.nanoTime();
        // Events sent while the connection is cut arrive later.
        long earliest =
                Math.max(
                        now, Math.max(faults.repliesCutUntil[node], faults.watchesHeldUntil[node]));
        lastArrival = Math.max(lastArrival, earliest + FaultState.delay(random, USUAL).toNanos());
        world.schedule(
                Duration.ofNanos(lastArrival - now),
                () ->
                        loop.execute(() -> {
                            if (!over) {
                                event.run();
                            }
                        }));
    }

    /** Drops the events in flight. */
    void cut() {
        if (!over) {
            closeSource();
            over = true;
            loop.execute(() ->
                    watcher.failed(
                            new EtcdException(
                                    EtcdException.Kind.UNAVAILABLE, "the watch was cut", null)));
        }
    }

    void silence() {
        silent = true;
    }

    boolean isOver() {
        return over;
    }

    @Override
    public void close() {
        over = true;
        closeSource();
    }

    private void closeSource() {
        if (source != null) {
            source.close();
            source = null;
        }
    }
}
