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
 * Produce requests whose topic or partition is unknown to this node. Before a rejection they wait
 * for a barrier, since this node's metadata may lag. One barrier serves all requests that arrived
 * before it. Owned by the node's event loop; bounded by the node's memory budget.
 */
final class PendingTopicLookups {

    /** A waiting produce request. */
    interface Waiting {
        /**
         * Resumes the request after the barrier.
         *
         * @param problem the failure of the barrier; null on success
         */
        void resume(@Nullable Problem problem);
    }

    private final Metadata metadata;
    private final EventLoop loop;
    private final Map<Place, Integer> places = new HashMap<>();
    private ArrayDeque<Entry> next = new ArrayDeque<>();
    private boolean asking;

    private record Place(String topic, int partition) {}

    private record Entry(Place place, Waiting waiting) {}

    PendingTopicLookups(Metadata metadata, EventLoop loop) {
        this.metadata = metadata;
        this.loop = loop;
    }

    /** Returns whether requests to this partition wait; later ones must queue after them. */
    boolean waitFor(String topic, int partition) {
        return !places.isEmpty() && places.containsKey(new Place(topic, partition));
    }

    boolean isEmpty() {
        return places.isEmpty();
    }

    void add(String topic, int partition, Waiting waiting) {
        Place place = new Place(topic, partition);
        places.merge(place, 1, Integer::sum);
        next.add(new Entry(place, waiting));
        ask();
    }

    private void ask() {
        if (asking || next.isEmpty()) {
            return;
        }
        asking = true;
        Collection<Entry> asked = next;
        next = new ArrayDeque<>();
        metadata.barrier()
                .whenComplete(
                        (done, failure) -> loop.runNowOrLater(() -> answered(asked, failure)));
    }

    private void answered(Collection<Entry> asked, @Nullable Throwable failure) {
        Problem problem = failure == null ? null : problemOf(failure);
        for (Entry entry : asked) {
            places.computeIfPresent(entry.place(), (place, count) -> count == 1 ? null : count - 1);
            entry.waiting().resume(problem);
        }
        asking = false;
        ask();
    }

    private static Problem problemOf(Throwable failure) {
        Throwable cause = FutureFailures.of(failure);
        return cause instanceof ProblemException known
                ? known.problem()
                : ProduceProblems.internal("The lookup of a topic");
    }
}
