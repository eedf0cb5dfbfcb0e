package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Notifies the listeners of one batch's records, and the callers awaiting the outcome, exactly
 * once. Has the owner of the {@link PendingBatch}.
 *
 * <p>A listener that throws does not affect the other listeners: the exception goes to the thread's
 * uncaught exception handler.
 */
final class DeliveryNotifier {

    /**
     * A listener and the index of its first record. Consecutive records with the same listener
     * share a subscription.
     */
    private record Subscription(DeliveryListener listener, int firstIndex) {}

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

    DeliveryListener listenerOf(int index) {
        int at = subscriptions.size() - 1;
        while (subscriptions.get(at).firstIndex() > index) {
            at--;
        }
        return subscriptions.get(at).listener();
    }

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

    void stored(ProduceResult stored, int count) {
        report(count, (listener, index) -> listener.stored(stored, index));
    }

    void failed(MillraceException failure, int count) {
        report(count, (listener, index) -> listener.failed(failure));
    }

    /**
     * Delegates the notification to the notifiers of two halves, which already have the listeners.
     */
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
