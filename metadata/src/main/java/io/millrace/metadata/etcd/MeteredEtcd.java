package io.millrace.metadata.etcd;

import io.millrace.metadata.etcd.EtcdMetrics.Operation;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A client of etcd that counts and times calls. Owned by the event loop of its delegate, which is
 * also the source of time.
 */
public final class MeteredEtcd implements Etcd {

    private final Etcd delegate;
    private final EventLoop loop;
    private final EtcdMetrics metrics;

    public MeteredEtcd(Etcd delegate, EventLoop loop, EtcdMetrics metrics) {
        this.delegate = delegate;
        this.loop = loop;
        this.metrics = metrics;
    }

    @Override
    public CompletableFuture<TxnResult> txn(
            List<Condition> conditions, List<Op> then, List<Op> otherwise) {
        long began = loop.nanoTime();
        return metered(Operation.TXN, began, delegate.txn(conditions, then, otherwise));
    }

    @Override
    public CompletableFuture<Page> range(String from, String end, long revision, int limit) {
        long began = loop.nanoTime();
        return metered(Operation.RANGE, began, delegate.range(from, end, revision, limit));
    }

    @Override
    public Watch watch(
            String from, String end, long fromRevision, boolean deletes, Watcher watcher) {
        return delegate.watch(from, end, fromRevision, deletes, new MeteredWatcher(watcher));
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        long began = loop.nanoTime();
        return metered(Operation.COMPACT, began, delegate.compact(revision));
    }

    @Override
    public CompletableFuture<Void> freeSpace() {
        long began = loop.nanoTime();
        return metered(Operation.FREE_SPACE, began, delegate.freeSpace());
    }

    @Override
    public CompletableFuture<Long> grantLease(Duration life) {
        long began = loop.nanoTime();
        return metered(Operation.GRANT_LEASE, began, delegate.grantLease(life));
    }

    @Override
    public CompletableFuture<Boolean> renewLease(long lease) {
        long began = loop.nanoTime();
        return metered(Operation.RENEW_LEASE, began, delegate.renewLease(lease));
    }

    @Override
    public CompletableFuture<Void> revokeLease(long lease) {
        long began = loop.nanoTime();
        return metered(Operation.REVOKE_LEASE, began, delegate.revokeLease(lease));
    }

    @Override
    public void close() {
        delegate.close();
    }

    private <T> CompletableFuture<T> metered(
            Operation operation, long beganNanos, CompletableFuture<T> call) {
        var unused =
                call.whenComplete((answer, failure) -> {
                    if (failure == null) {
                        metrics.answered(operation, loop.nanoTime() - beganNanos);
                    } else {
                        metrics.failed(operation, failure);
                    }
                });
        return call;
    }

    private final class MeteredWatcher implements Watcher {

        private final Watcher watcher;

        MeteredWatcher(Watcher watcher) {
            this.watcher = watcher;
        }

        @Override
        public void put(KeyValue key) {
            watcher.put(key);
        }

        @Override
        public void deleted(String key, long revision) {
            watcher.deleted(key, revision);
        }

        @Override
        public void failed(EtcdException why) {
            metrics.failed(Operation.WATCH, why.kind());
            watcher.failed(why);
        }
    }
}
