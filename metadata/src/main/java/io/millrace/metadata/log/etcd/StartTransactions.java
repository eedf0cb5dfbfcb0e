package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.Backoff;
import io.millrace.runtime.retry.BackoffSequence;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Transactions of a starting node, retried for the open timeout of the log while etcd is
 * unavailable. An attempt without an answer may have taken effect. Any thread; owned by its event
 * loop.
 */
final class StartTransactions {

    private final EventLoop loop;
    private final Etcd etcd;
    private final EtcdLogSettings settings;
    private final Backoff backoff;
    private final EtcdOutage outage;

    StartTransactions(EventLoop loop, Etcd etcd, EtcdLogSettings settings, RandomGenerator random) {
        this.loop = loop;
        this.etcd = etcd;
        this.settings = settings;
        this.backoff = Backoff.jittered(settings.firstBackoff(), settings.maxBackoff(), random);
        this.outage = new EtcdOutage(loop);
    }

    /** Fails with a {@link io.millrace.metadata.log.LogException}. */
    CompletableFuture<Etcd.TxnResult> txn(List<Etcd.Condition> conditions, List<Etcd.Op> then) {
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
