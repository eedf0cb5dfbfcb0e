package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.LogIdentity;
import io.millrace.metadata.log.LogException;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.Backoff;
import io.millrace.runtime.retry.BackoffSequence;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * The identity of a cluster as a key beside its log in etcd, and thus in every backup of etcd.
 * Calls are retried for the open timeout of the log while etcd is unavailable. Any thread; owned by
 * its event loop.
 */
public final class EtcdIdentity implements LogIdentity {

    private final EventLoop loop;
    private final Etcd etcd;
    private final EtcdKeys keys;
    private final EtcdLogSettings settings;
    private final Backoff backoff;
    private final EtcdOutage outage;

    /**
     * @param etcd the client on the same event loop; the caller closes it
     */
    public EtcdIdentity(
            EventLoop loop,
            Etcd etcd,
            String cluster,
            EtcdLogSettings settings,
            RandomGenerator random) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = new EtcdKeys(cluster);
        this.settings = settings;
        this.backoff = Backoff.jittered(settings.firstBackoff(), settings.maxBackoff(), random);
        this.outage = new EtcdOutage(loop);
    }

    @Override
    public CompletableFuture<Held> read() {
        return retried(
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
        return retried(
                        List.of(new Etcd.Condition.Absent(keys.identity)),
                        List.of(new Etcd.Op.Put(keys.identity, id.toBytes())))
                .thenAccept(done -> {});
    }

    private CompletableFuture<Etcd.TxnResult> retried(
            List<Etcd.Condition> conditions, List<Etcd.Op> then) {
        Call call = new Call(conditions, then);
        loop.runNowOrLater(call::attempt);
        return call.result;
    }

    private final class Call {

        private final List<Etcd.Condition> conditions;
        private final List<Etcd.Op> then;
        private final BackoffSequence pauses = backoff.sequence();
        private final long startNanos = loop.nanoTime();
        private final CompletableFuture<Etcd.TxnResult> result = new CompletableFuture<>();

        Call(List<Etcd.Condition> conditions, List<Etcd.Op> then) {
            this.conditions = conditions;
            this.then = then;
        }

        private void attempt() {
            etcd.txn(conditions, then, List.of())
                    .whenComplete((reply, failure) -> {
                        if (failure == null) {
                            outage.callSucceeded();
                            result.complete(reply);
                        } else {
                            failed(LogFailures.causeOf(failure));
                        }
                    });
        }

        private void failed(RuntimeException why) {
            boolean late = loop.nanoTime() - startNanos >= settings.openTimeout().toNanos();
            if (late || needsOperator(why)) {
                result.completeExceptionally(LogFailures.asLogException(why));
                return;
            }
            outage.callFailed(why);
            loop.schedule(pauses.nextPause(), this::attempt);
        }

        private static boolean needsOperator(RuntimeException why) {
            return why instanceof EtcdException etcd
                    && (etcd.kind() == EtcdException.Kind.DENIED
                            || etcd.kind() == EtcdException.Kind.REJECTED);
        }
    }
}
