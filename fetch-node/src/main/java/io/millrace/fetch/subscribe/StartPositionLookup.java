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
 * The finding of places in a subscription's partitions. What is asked in one task of the loop is
 * one look-up; what fails and may be tried again is, until the partition is gone or wanted
 * elsewhere. Owned by the subscriber's loop.
 */
final class StartPositionLookup {

    private final FetchNode fetch;
    private final EventLoop loop;
    private List<Search> waiting = new ArrayList<>();
    private boolean over;

    StartPositionLookup(FetchNode fetch, EventLoop loop) {
        this.fetch = fetch;
        this.loop = loop;
    }

    /** Hears what was found, on the loop. */
    interface Answer {
        void found(long offset);

        void failed(Problem problem);

        /** It will take a while. */
        default void delayed() {}
    }

    /** A look-up for one partition; void once its partition has another one, or none. */
    static final class Search {
        private final SubscribedPartition holding;
        private final OffsetLookup.At at;
        private final Answer answer;
        private int failures;

        private Search(SubscribedPartition holding, OffsetLookup.At at, Answer answer) {
            this.holding = holding;
            this.at = at;
            this.answer = answer;
        }

        private OffsetLookup question() {
            return new OffsetLookup(holding.name.topic(), holding.name.partition(), at);
        }
    }

    /** Looks a place up, in place of any look-up for this partition before. */
    void find(SubscribedPartition holding, OffsetLookup.At at, Answer answer) {
        Search search = new Search(holding, at, answer);
        holding.search = search;
        ask(search);
    }

    /** Looks nothing up any more. */
    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    private boolean isVoid(Search search) {
        return over || search.holding.gone || search.holding.search != search;
    }

    private void ask(Search search) {
        if (waiting.isEmpty()) {
            loop.execute(this::askAll);
        }
        waiting.add(search);
    }

    private void askAll() {
        List<Search> asked = waiting.stream().filter(search -> !isVoid(search)).toList();
        waiting = new ArrayList<>();
        if (asked.isEmpty()) {
            return;
        }
        var unused =
                fetch.listOffsets(asked.stream().map(Search::question).toList())
                        .whenComplete((results, failure) ->
                                loop.runNowOrLater(() -> answer(asked, results, failure)));
    }

    private void answer(
            List<Search> asked, @Nullable List<OffsetResult> results, @Nullable Throwable failure) {
        for (int i = 0; i < asked.size(); i++) {
            answer(
                    asked.get(i),
                    results == null
                            ? new OffsetResult.Failed(ReadRetryPolicy.of(failure))
                            : results.get(i));
        }
    }

    private void answer(Search search, OffsetResult result) {
        if (isVoid(search)) {
            return;
        }
        switch (result) {
            case OffsetResult.Found(long offset, long _) -> {
                search.holding.search = null;
                search.answer.found(offset);
            }
            case OffsetResult.Failed(Problem problem) -> {
                if (problem.retriable()) {
                    loop.schedule(
                            ReadRetryPolicy.pauseAfter(search.failures++), () -> again(search));
                    search.answer.delayed();
                } else {
                    search.holding.search = null;
                    search.answer.failed(problem);
                }
            }
        }
    }

    private void again(Search search) {
        if (!isVoid(search)) {
            ask(search);
        }
    }
}
