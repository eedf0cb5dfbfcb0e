package io.millrace.metadata.replica;

import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Callers of a barrier. Callers that arrive during a read of the head share the next read. Owned by
 * the replica's event loop.
 */
final class BarrierQueue {

    /** The callers that share a read of the head, and its result. */
    private static final class Round {
        final List<CompletableFuture<Void>> callers = new ArrayList<>();
        @Nullable LogPosition head;
    }

    private final EventLoop loop;
    private final MetadataLog log;
    private final Duration timeout;
    private final List<Round> roundsWithHead = new ArrayList<>();
    private Round next = new Round();
    private boolean readingHead;
    private LogPosition applied = LogPosition.START;
    private @Nullable ProblemException stopped;

    BarrierQueue(EventLoop loop, MetadataLog log, Duration timeout) {
        this.loop = loop;
        this.log = log;
        this.timeout = timeout;
    }

    void add(CompletableFuture<Void> caller) {
        if (stopped != null) {
            caller.completeExceptionally(stopped);
            return;
        }
        EventLoop.Timer deadline =
                loop.schedule(timeout, () -> caller.completeExceptionally(timedOut()));
        caller.whenComplete((done, failure) -> deadline.cancel());
        next.callers.add(caller);
        if (!readingHead) {
            readHead();
        }
    }

    private void readHead() {
        Round round = next;
        next = new Round();
        readingHead = true;
        log.head()
                .whenComplete((head, failure) -> {
                    readingHead = false;
                    if (stopped != null) {
                        fail(round, stopped);
                    } else if (failure != null) {
                        fail(round, timedOut());
                    } else {
                        round.head = head;
                        roundsWithHead.add(round);
                        applied(applied);
                    }
                    if (!next.callers.isEmpty()) {
                        readHead();
                    }
                });
    }

    void applied(LogPosition position) {
        applied = position;
        if (roundsWithHead.isEmpty()) {
            return;
        }
        List<Round> reached = new ArrayList<>();
        for (Iterator<Round> rounds = roundsWithHead.iterator(); rounds.hasNext(); ) {
            Round round = rounds.next();
            if (round.head != null && position.covers(round.head)) {
                rounds.remove();
                reached.add(round);
            }
        }
        reached.forEach(round -> round.callers.forEach(caller -> caller.complete(null)));
    }

    void stop(ProblemException why) {
        stopped = why;
        List<Round> waiting = new ArrayList<>(roundsWithHead);
        roundsWithHead.clear();
        waiting.forEach(round -> fail(round, why));
        Round last = next;
        next = new Round();
        fail(last, why);
    }

    private static void fail(Round round, ProblemException why) {
        round.callers.forEach(caller -> caller.completeExceptionally(why));
    }

    static ProblemException timedOut() {
        return new ProblemException(
                new Problem(
                        Reason.METADATA_UNAVAILABLE,
                        "The metadata log was not reachable in time. Retry."));
    }
}
