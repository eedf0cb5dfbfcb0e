package io.millrace.ingest;

import io.millrace.ingest.block.ProduceProblems;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The produce requests that wait for a barrier because this node lacks their topic or partition.
 * One barrier serves all earlier requests. Owned by the node's event loop; bounded by the memory
 * budget.
 */
final class PendingTopicLookups {

    interface LookupCallback {
        /**
         * @param problem the failure of the barrier; null on success
         */
        void resume(@Nullable Problem problem);
    }

    private final Metadata metadata;
    private final EventLoop loop;
    private final Map<LookupKey, Integer> waitingCounts = new HashMap<>();
    private ArrayDeque<Entry> next = new ArrayDeque<>();
    private boolean barrierInFlight;

    private record LookupKey(String topic, int partition) {}

    private record Entry(LookupKey place, LookupCallback waiting) {}

    PendingTopicLookups(Metadata metadata, EventLoop loop) {
        this.metadata = metadata;
        this.loop = loop;
    }

    /** Returns whether requests to this partition wait; later requests queue after them. */
    boolean waitFor(String topic, int partition) {
        return !waitingCounts.isEmpty()
                && waitingCounts.containsKey(new LookupKey(topic, partition));
    }

    boolean isEmpty() {
        return waitingCounts.isEmpty();
    }

    void add(String topic, int partition, LookupCallback waiting) {
        LookupKey place = new LookupKey(topic, partition);
        waitingCounts.merge(place, 1, Integer::sum);
        next.add(new Entry(place, waiting));
        startBarrier();
    }

    private void startBarrier() {
        if (barrierInFlight || next.isEmpty()) {
            return;
        }
        barrierInFlight = true;
        Collection<Entry> asked = next;
        next = new ArrayDeque<>();
        metadata.barrier()
                .whenComplete((done, failure) ->
                        loop.runNowOrLater(() -> barrierCompleted(asked, failure)));
    }

    private void barrierCompleted(Collection<Entry> asked, @Nullable Throwable failure) {
        Problem problem = failure == null ? null : problemOf(failure);
        for (Entry entry : asked) {
            waitingCounts.computeIfPresent(
                    entry.place(), (place, count) -> count == 1 ? null : count - 1);
            entry.waiting().resume(problem);
        }
        barrierInFlight = false;
        startBarrier();
    }

    private static Problem problemOf(Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        return cause instanceof ProblemException known
                ? known.problem()
                : ProduceProblems.internal("The lookup of a topic");
    }
}
