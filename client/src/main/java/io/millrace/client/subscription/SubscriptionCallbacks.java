package io.millrace.client.subscription;

import io.millrace.client.connection.IoThread;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadBatch;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a subscription's handler and listener on its executor, and returns results to the I/O
 * thread, which owns this object. Listener calls are sequential.
 */
final class SubscriptionCallbacks {

    /** The subscription that runs a callback on this thread. */
    private static final ThreadLocal<@Nullable Subscription> RUNNING = new ThreadLocal<>();

    private final IoThread io;
    private final Executor executor;
    private final BatchHandler handler;
    private final SubscriptionListener listener;
    private final Subscription subscription;
    private final Consumer<MillraceException> abandoned;
    private final ClientMetrics metrics;
    private final ArrayDeque<Runnable> notices = new ArrayDeque<>();
    private boolean reporting;
    private @Nullable Runnable whenIdle;

    /**
     * @param abandoned the callback, on any thread, if the I/O thread ended before a handler or
     *     listener returned
     */
    SubscriptionCallbacks(
            IoThread io,
            Executor executor,
            BatchHandler handler,
            SubscriptionListener listener,
            Subscription subscription,
            Consumer<MillraceException> abandoned,
            ClientMetrics metrics) {
        this.io = io;
        this.executor = executor;
        this.handler = handler;
        this.listener = listener;
        this.subscription = subscription;
        this.abandoned = abandoned;
        this.metrics = metrics;
    }

    static boolean isCallbackThread(Subscription subscription) {
        return RUNNING.get() == subscription;
    }

    /** Starts a handler run; {@code ended} receives the result on the I/O thread. */
    void begin(
            HandlerRun run,
            BooleanSupplier mayProceed,
            BiConsumer<HandlerRun, HandlerRun.Outcome> ended) {
        run(
                () -> {
                    HandlerRun.Outcome outcome = run.run(this::handle, mayProceed);
                    runOnIoThread(() -> ended.accept(run, outcome));
                },
                rejected -> ended.accept(run, new HandlerRun.Outcome.Threw(rejected)));
    }

    private void handle(ReadBatch batch) throws Exception {
        if (metrics == ClientMetrics.NONE) {
            handler.handle(batch, subscription);
            return;
        }
        long start = io.nanoTime();
        try {
            handler.handle(batch, subscription);
        } finally {
            TopicPartition partition = batch.partition();
            metrics.handled(
                    new ClientMetrics.ReadBatches(
                            partition.topic(), batch.recordCount(), batch.sizeBytes()),
                    io.nanoTime() - start);
            metrics.lag(partition, Math.max(0, batch.highWatermark() - batch.nextOffset()));
        }
    }

    /**
     * Notifies the listener after earlier notices. On the I/O thread, {@code reported} receives the
     * listener's exception or null.
     */
    void report(
            SubscriptionStep.Notice notice,
            BiConsumer<SubscriptionStep.Notice, @Nullable Throwable> reported) {
        notices.add(() ->
                run(
                        () -> {
                            Throwable thrown = call(notice);
                            runOnIoThread(() -> returned(notice, thrown, reported));
                        },
                        rejected -> returned(notice, rejected, reported)));
        reportNext();
    }

    void whenIdle(Runnable what) {
        whenIdle = what;
        reportNext();
    }

    private void reportNext() {
        if (reporting) {
            return;
        }
        Runnable next = notices.poll();
        if (next != null) {
            reporting = true;
            next.run();
        } else if (whenIdle != null) {
            Runnable quiet = whenIdle;
            whenIdle = null;
            quiet.run();
        }
    }

    private void returned(
            SubscriptionStep.Notice notice,
            @Nullable Throwable thrown,
            BiConsumer<SubscriptionStep.Notice, @Nullable Throwable> reported) {
        reporting = false;
        reported.accept(notice, thrown);
        reportNext();
    }

    private @Nullable Throwable call(SubscriptionStep.Notice notice) {
        count(notice);
        try {
            switch (notice) {
                case SubscriptionStep.Notice.Assigned assigned ->
                        listener.assigned(subscription, assigned.assignments());
                case SubscriptionStep.Notice.Revoked revoked ->
                        listener.revoked(
                                subscription,
                                revoked.about().stream().map(holding -> holding.id).toList());
                case SubscriptionStep.Notice.Lost lost ->
                        listener.lost(subscription, lost.partitions());
                case SubscriptionStep.Notice.Failed failed ->
                        listener.failed(subscription, failed.partition(), failed.failure());
            }
            return null;
        } catch (Throwable thrown) {
            return thrown;
        }
    }

    private void count(SubscriptionStep.Notice notice) {
        switch (notice) {
            case SubscriptionStep.Notice.Assigned assigned ->
                    metrics.assigned(
                            assigned.assignments().stream().map(Assignment::partition).toList());
            case SubscriptionStep.Notice.Revoked revoked ->
                    metrics.revoked(revoked.about().stream().map(holding -> holding.id).toList());
            case SubscriptionStep.Notice.Lost lost -> metrics.lost(lost.partitions());
            case SubscriptionStep.Notice.Failed _ -> {}
        }
    }

    private void run(Runnable task, Consumer<Throwable> rejected) {
        try {
            executor.execute(() -> {
                RUNNING.set(subscription);
                try {
                    task.run();
                } finally {
                    RUNNING.remove();
                }
            });
        } catch (RejectedExecutionException ended) {
            runOnIoThread(() -> rejected.accept(ended));
        }
    }

    private void runOnIoThread(Runnable task) {
        try {
            io.execute(task);
        } catch (MillraceException.Closed over) {
            abandoned.accept(over);
        }
    }
}
