package io.millrace.fetch.subscribe;

import io.millrace.fetch.FetchNode;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks up start positions. Requests of one task share a lookup. A retriable failure is retried
 * until the partition is lost or another position is requested. Owned by the subscriber's event
 * loop.
 */
final class StartPositionLookup {

    private final FetchNode fetch;
    private final EventLoop loop;
    private List<PendingLookup> waiting = new ArrayList<>();
    private boolean stopped;

    StartPositionLookup(FetchNode fetch, EventLoop loop) {
        this.fetch = fetch;
        this.loop = loop;
    }

    /** Receives the result of a lookup, on the event loop. */
    interface LookupListener {
        void found(long offset);

        void failed(Problem problem);

        /** Called before a retry. */
        default void delayed() {}
    }

    /** A lookup, void once the partition has a newer lookup or none. */
    static final class PendingLookup {
        private final SubscribedPartition holding;
        private final OffsetLookup.LookupPosition at;
        private final LookupListener answer;
        private int failures;

        private PendingLookup(
                SubscribedPartition holding,
                OffsetLookup.LookupPosition at,
                LookupListener answer) {
            this.holding = holding;
            this.at = at;
            this.answer = answer;
        }

        private OffsetLookup question() {
            return new OffsetLookup(holding.name.topic(), holding.name.partition(), at);
        }
    }

    /** Replaces any earlier lookup of the partition. */
    void find(SubscribedPartition holding, OffsetLookup.LookupPosition at, LookupListener answer) {
        PendingLookup search = new PendingLookup(holding, at, answer);
        holding.lookup = search;
        enqueue(search);
    }

    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }

    private boolean isVoid(PendingLookup search) {
        return stopped || search.holding.removed || search.holding.lookup != search;
    }

    private void enqueue(PendingLookup search) {
        if (waiting.isEmpty()) {
            loop.execute(this::sendQueued);
        }
        waiting.add(search);
    }

    private void sendQueued() {
        List<PendingLookup> asked = waiting.stream().filter(search -> !isVoid(search)).toList();
        waiting = new ArrayList<>();
        if (asked.isEmpty()) {
            return;
        }
        var unused =
                fetch.listOffsets(asked.stream().map(PendingLookup::question).toList())
                        .whenComplete((results, failure) ->
                                loop.runNowOrLater(() -> answer(asked, results, failure)));
    }

    private void answer(
            List<PendingLookup> asked,
            @Nullable List<OffsetResult> results,
            @Nullable Throwable failure) {
        for (int i = 0; i < asked.size(); i++) {
            answer(
                    asked.get(i),
                    results == null
                            ? new OffsetResult.Failed(ReadRetryPolicy.of(failure))
                            : results.get(i));
        }
    }

    private void answer(PendingLookup search, OffsetResult result) {
        if (isVoid(search)) {
            return;
        }
        switch (result) {
            case OffsetResult.Found(long offset, long _) -> {
                search.holding.lookup = null;
                search.answer.found(offset);
            }
            case OffsetResult.Failed(Problem problem) -> {
                if (problem.retriable()) {
                    loop.schedule(
                            ReadRetryPolicy.pauseAfter(search.failures++), () -> retry(search));
                    search.answer.delayed();
                } else {
                    search.holding.lookup = null;
                    search.answer.failed(problem);
                }
            }
        }
    }

    private void retry(PendingLookup search) {
        if (!isVoid(search)) {
            enqueue(search);
        }
    }
}
