package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Notifies the listeners of a batch, and the callers awaiting the outcome, exactly once. Owner: as
 * for the {@link PendingBatch}. An exception of a listener goes to the thread's uncaught exception
 * handler.
 */
final class DeliveryNotifier {

    private record ListenerRange(DeliveryListener listener, int firstIndex) {}

    private interface OutcomeCall {
        void report(DeliveryListener listener, int index);
    }

    private final List<ListenerRange> listenerRanges = new ArrayList<>();
    private @Nullable List<CompletableFuture<Void>> waiters;
    private boolean reported;

    void addListener(DeliveryListener listener, int index) {
        if (listenerRanges.isEmpty() || listenerRanges.getLast().listener() != listener) {
            listenerRanges.add(new ListenerRange(listener, index));
        }
    }

    DeliveryListener listenerOf(int index) {
        int at = listenerRanges.size() - 1;
        while (listenerRanges.get(at).firstIndex() > index) {
            at--;
        }
        return listenerRanges.get(at).listener();
    }

    CompletableFuture<Void> whenReported() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        if (reported) {
            future.complete(null);
            return future;
        }
        if (waiters == null) {
            waiters = new ArrayList<>(1);
        }
        waiters.add(future);
        return future;
    }

    void stored(ProduceResult stored, int count) {
        report(count, (listener, index) -> listener.stored(stored, index));
    }

    void failed(MillraceException failure, int count) {
        report(count, (listener, index) -> listener.failed(failure));
    }

    void delegateTo(DeliveryNotifier first, DeliveryNotifier second) {
        listenerRanges.clear();
        reported = true;
        List<CompletableFuture<Void>> left = waiters == null ? List.of() : waiters;
        waiters = null;
        if (!left.isEmpty()) {
            CompletableFuture<Void> both =
                    CompletableFuture.allOf(first.whenReported(), second.whenReported());
            left.forEach(future -> both.thenRun(() -> future.complete(null)));
        }
    }

    private void report(int count, OutcomeCall reporting) {
        for (int i = 0; i < listenerRanges.size(); i++) {
            ListenerRange subscription = listenerRanges.get(i);
            int to = i + 1 < listenerRanges.size() ? listenerRanges.get(i + 1).firstIndex() : count;
            for (int index = subscription.firstIndex(); index < to; index++) {
                try {
                    reporting.report(subscription.listener(), index);
                } catch (RuntimeException | Error fault) {
                    Thread thread = Thread.currentThread();
                    thread.getUncaughtExceptionHandler().uncaughtException(thread, fault);
                }
            }
        }
        listenerRanges.clear();
        reported = true;
        if (waiters != null) {
            waiters.forEach(future -> future.complete(null));
            waiters = null;
        }
    }
}
