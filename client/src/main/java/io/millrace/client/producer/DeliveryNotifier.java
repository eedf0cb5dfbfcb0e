package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Who learns what becomes of one batch: the listeners of its records, and those who wait until all
 * is decided. Belongs to whom its {@link PendingBatch} belongs to. Everybody is told once.
 *
 * <p>A listener that throws has a fault of its own: the thread's handler of uncaught exceptions
 * gets it, and the other listeners are told all the same.
 */
final class DeliveryNotifier {

    /** A listener and the place of its first record. Neighbours with one listener share it. */
    private record Subscription(DeliveryListener listener, int firstIndex) {}

    /** Tells one listener what became of one record. */
    private interface Telling {
        void report(DeliveryListener listener, int index);
    }

    private final List<Subscription> subscriptions = new ArrayList<>();
    private @Nullable List<CompletableFuture<Void>> waiting;
    private boolean reported;

    void subscribe(DeliveryListener listener, int index) {
        if (subscriptions.isEmpty() || subscriptions.getLast().listener() != listener) {
            subscriptions.add(new Subscription(listener, index));
        }
    }

    /** Who learns what becomes of the record at a place. */
    DeliveryListener listenerOf(int index) {
        int at = subscriptions.size() - 1;
        while (subscriptions.get(at).firstIndex() > index) {
            at--;
        }
        return subscriptions.get(at).listener();
    }

    /** Completes when everybody is told. */
    CompletableFuture<Void> whenReported() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        if (reported) {
            future.complete(null);
            return future;
        }
        if (waiting == null) {
            waiting = new ArrayList<>(1);
        }
        waiting.add(future);
        return future;
    }

    /** Tells the listeners of so many records that they are stored. */
    void stored(ProduceResult stored, int count) {
        report(count, (listener, index) -> listener.stored(stored, index));
    }

    /** Tells the listeners of so many records that they failed. */
    void failed(MillraceException failure, int count) {
        report(count, (listener, index) -> listener.failed(failure));
    }

    /** Leaves it to two others to tell, who have the listeners by now. */
    void leftTo(DeliveryNotifier first, DeliveryNotifier second) {
        subscriptions.clear();
        reported = true;
        List<CompletableFuture<Void>> left = waiting == null ? List.of() : waiting;
        waiting = null;
        if (!left.isEmpty()) {
            CompletableFuture<Void> both =
                    CompletableFuture.allOf(first.whenReported(), second.whenReported());
            left.forEach(future -> both.thenRun(() -> future.complete(null)));
        }
    }

    private void report(int count, Telling reporting) {
        for (int i = 0; i < subscriptions.size(); i++) {
            Subscription subscription = subscriptions.get(i);
            int to = i + 1 < subscriptions.size() ? subscriptions.get(i + 1).firstIndex() : count;
            for (int index = subscription.firstIndex(); index < to; index++) {
                try {
                    reporting.report(subscription.listener(), index);
                } catch (RuntimeException | Error fault) {
                    Thread thread = Thread.currentThread();
                    thread.getUncaughtExceptionHandler().uncaughtException(thread, fault);
                }
            }
        }
        subscriptions.clear();
        reported = true;
        if (waiting != null) {
            waiting.forEach(future -> future.complete(null));
            waiting = null;
        }
    }
}
