package io.millrace.metadata.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A watcher that records changes. Used only on the event loop. */
public final class RecordedChanges implements Etcd.Watcher {

    private record Waiter(int changes, CompletableFuture<List<String>> reached) {}

    private final List<Etcd.KeyValue> puts = new ArrayList<>();
    private final List<String> changes = new ArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private final CompletableFuture<EtcdException> failure = new CompletableFuture<>();

    @Override
    public void put(Etcd.KeyValue key) {
        puts.add(key);
        received("put " + key.key());
    }

    @Override
    public void deleted(String key, long revision) {
        received("deleted " + key);
    }

    private void received(String change) {
        changes.add(change);
        waiters.removeIf(waiter -> {
            boolean reached = changes.size() >= waiter.changes();
            if (reached) {
                waiter.reached().complete(List.copyOf(changes));
            }
            return reached;
        });
    }

    @Override
    public void failed(EtcdException why) {
        failure.complete(why);
    }

    /**
     * Completes with the changes, as "put KEY" or "deleted KEY", once there are {@code atLeast} of
     * them.
     */
    public CompletableFuture<List<String>> changes(int atLeast) {
        CompletableFuture<List<String>> reached = new CompletableFuture<>();
        if (changes.size() >= atLeast) {
            reached.complete(List.copyOf(changes));
        } else {
            waiters.add(new Waiter(atLeast, reached));
        }
        return reached;
    }

    /** Returns the puts received so far. */
    public List<Etcd.KeyValue> puts() {
        return List.copyOf(puts);
    }

    /** Completes with the failure that ended the watch. */
    public CompletableFuture<EtcdException> failure() {
        return failure;
    }
}
