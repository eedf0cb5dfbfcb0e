package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.LogIdentity;
import io.millrace.metadata.log.LogException;
import io.millrace.runtime.loop.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * The identity of a cluster as a key beside its log in etcd, and thus in every backup of etcd. Any
 * thread; owned by its event loop.
 */
public final class EtcdIdentity implements LogIdentity {

    private final EtcdKeys keys;
    private final StartTransactions calls;

    /**
     * @param etcd the client on the same event loop; the caller closes it
     */
    public EtcdIdentity(
            EventLoop loop,
            Etcd etcd,
            String cluster,
            EtcdLogSettings settings,
            RandomGenerator random) {
        this.keys = new EtcdKeys(cluster);
        this.calls = new StartTransactions(loop, etcd, settings, random);
    }

    @Override
    public CompletableFuture<Held> read() {
        return calls.txn(
                        List.of(),
                        List.of(
                                new Etcd.Op.Get(keys.identity),
                                new Etcd.Op.Get(keys.head),
                                new Etcd.Op.Get(keys.manifest)))
                .thenApply(result ->
                        new Held(
                                result.gets().get(0).map(this::parse),
                                result.gets().get(1).isEmpty() && result.gets().get(2).isEmpty()));
    }

    private ClusterId parse(Etcd.KeyValue stored) {
        return ClusterId.parse(stored.value())
                .orElseThrow(() ->
                        new LogException.Corrupt(
                                "The key %s in etcd is not the identity of a cluster. Restore etcd from a backup."
                                        .formatted(keys.identity),
                                null));
    }

    @Override
    public CompletableFuture<Void> putIfAbsent(ClusterId id) {
        return calls.txn(
                        List.of(new Etcd.Condition.Absent(keys.identity)),
                        List.of(new Etcd.Op.Put(keys.identity, id.toBytes())))
                .thenAccept(done -> {});
    }
}
