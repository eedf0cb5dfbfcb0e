package io.millrace.metadata.membership.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The live nodes as registered in etcd: read once, then watched. They are read again when the watch
 * ends, and periodically, because a watch on a dead connection reports nothing. While etcd is
 * unavailable, the last view remains. Owned by its event loop.
 */
final class NodeView {

    private static final int PAGE = 100;

    private final EventLoop loop;
    private final Etcd etcd;
    private final NodeKeys keys;
    private final Duration retryPause;
    private final Duration maxWatchAge;
    private final Runnable changed;
    private final CompletableFuture<Void> read = new CompletableFuture<>();
    private TreeMap<String, RegisteredNode> nodes = new TreeMap<>();
    private volatile List<RegisteredNode> view = List.of();
    private Etcd.@Nullable Watch watch;
    private boolean closed;

    /**
     * @param trust the maximum age of a watch before the nodes are read again
     */
    NodeView(
            EventLoop loop,
            Etcd etcd,
            NodeKeys keys,
            Duration pause,
            Duration trust,
            Runnable changed) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = keys;
        this.retryPause = pause;
        this.maxWatchAge = trust;
        this.changed = changed;
    }

    CompletableFuture<Void> open() {
        read(new TreeMap<>(), keys.rangeStart(), 0);
        return read;
    }

    /** Returns the nodes by id. Any thread. */
    List<RegisteredNode> nodes() {
        return view;
    }

    private void report() {
        view = List.copyOf(nodes.values());
        changed.run();
    }

    private void read(TreeMap<String, RegisteredNode> found, String from, long revision) {
        if (closed) {
            return;
        }
        etcd.range(from, keys.rangeEnd(), revision, PAGE)
                .whenComplete((page, failure) -> {
                    if (failure != null) {
                        readAgainLater();
                        return;
                    }
                    for (Etcd.KeyValue key : page.keys()) {
                        put(found, key);
                    }
                    long pinned = revision == 0 ? page.revision() : revision;
                    if (page.more()) {
                        read(found, page.keys().getLast().key() + '\0', pinned);
                    } else {
                        follow(found, pinned);
                    }
                });
    }

    private void readAgainLater() {
        loop.schedule(retryPause, () -> read(new TreeMap<>(), keys.rangeStart(), 0));
    }

    private void follow(TreeMap<String, RegisteredNode> found, long revision) {
        if (closed) {
            return;
        }
        nodes = found;
        Etcd.Watch opened =
                etcd.watch(keys.rangeStart(), keys.rangeEnd(), revision + 1, true, new Changes());
        watch = opened;
        loop.schedule(
                maxWatchAge,
                () -> {
                    if (watch == opened) {
                        watch = null;
                        opened.close();
                        read(new TreeMap<>(), keys.rangeStart(), 0);
                    }
                });
        report();
        read.complete(null);
    }

    private void put(TreeMap<String, RegisteredNode> into, Etcd.KeyValue key) {
        keys.decode(key).ifPresent(member -> into.put(member.node(), member));
    }

    private final class Changes implements Etcd.Watcher {

        @Override
        public void put(Etcd.KeyValue key) {
            NodeView.this.put(nodes, key);
            report();
        }

        @Override
        public void deleted(String key, long revision) {
            nodes.remove(keys.nodeOf(key));
            report();
        }

        @Override
        public void failed(EtcdException why) {
            watch = null;
            readAgainLater();
        }
    }

    void close() {
        closed = true;
        if (watch != null) {
            watch.close();
        }
    }
}
