package io.millrace.fetch;

import io.millrace.metadata.PartitionLog;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One fetch, from its arrival until there is something to read or no time left; then a {@link
 * Reply} takes over. Owned by the fetch node's loop.
 */
final class PendingFetch {

    private final ReadPath path;
    private final FetchQuery query;
    private final ShelfLookups shelves;
    private final CompletableFuture<FetchResult> result = new CompletableFuture<>();
    private final long[] topicIds;
    private final long startNanos;

    private List<PartitionKey> waitingFor = List.of();
    private Loop.@Nullable Timer timer;
    private boolean waiting;
    private boolean woken;

    /** Whether extents are being looked up, or the reply has begun. */
    private boolean loading;

    private int reservedBytes;

    PendingFetch(ReadPath path, FetchQuery query) {
        this.path = path;
        this.query = query;
        this.shelves = new ShelfLookups(path, query);
        this.topicIds = new long[query.partitions().size()];
        Arrays.fill(topicIds, Lookup.ANY_TOPIC);
        startNanos = path.loop().nanoTime();
    }

    /** Begins; the future completes on the loop. */
    CompletableFuture<FetchResult> start() {
        // Whoever cancels the future may be on any thread.
        var unused = result.whenComplete((done, failure) -> path.loop().run(this::release));
        look(false, null);
        return result;
    }

    /** A partition that it waits for has changed. Several changes of one entry are one look. */
    void wake() {
        if (!woken) {
            woken = true;
            path.loop().execute(() -> look(false, null));
        }
    }

    /**
     * Answers if there is something to say, and waits otherwise.
     *
     * @param believe whether a barrier stands behind negative answers
     * @param noBarrier why there is no barrier, to be told instead of a negative answer
     */
    private void look(boolean believe, @Nullable Problem noBarrier) {
        woken = false;
        if (result.isDone() || loading) {
            return;
        }
        List<Lookup> lookups = new ArrayList<>(topicIds.length);
        boolean denied = false;
        for (int i = 0; i < topicIds.length; i++) {
            Lookup found = Lookup.readable(path.metadata(), query.partitions().get(i), topicIds[i]);
            if (found instanceof Lookup.Known(long topicId, PartitionLog log)) {
                topicIds[i] = topicId;
            } else if (noBarrier != null) {
                found = new Lookup.Denied(noBarrier);
            }
            denied |= found instanceof Lookup.Denied;
            lookups.add(found);
        }
        if (denied && !believe) {
            lookAfterBarrier();
        } else if (denied || topicIds.length == 0 || hasEnough(lookups) || timeLeft().isZero()) {
            replyWhenResolved(lookups);
        } else {
            await();
        }
    }

    private void replyWhenResolved(List<Lookup> lookups) {
        loading = true;
        shelves.resolved(
                        lookups,
                        () -> {
                            loading = false;
                            look(false, null);
                        })
                .ifPresent(this::reply);
    }

    private void lookAfterBarrier() {
        woken = true;
        var unused =
                path.metadata()
                        .barrier()
                        .whenComplete((reached, failure) ->
                                path.loop().run(() -> look(true, Barriers.problem(failure))));
    }

    private boolean hasEnough(List<Lookup> lookups) {
        long needed = Math.min(query.minBytes(), query.maxBytes());
        for (int i = 0; i < lookups.size() && needed > 0; i++) {
            FetchQuery.PartitionQuery asked = query.partitions().get(i);
            if (lookups.get(i) instanceof Lookup.Known(long topicId, PartitionLog log)
                    && asked.offset() < log.highWatermark()) {
                if (log.shelved(asked.offset()).isPresent()) {
                    return true;
                }
                needed -= needed == 1 ? 1 : FetchPlan.bytes(log.extents(asked.offset(), needed));
            }
        }
        return needed <= 0;
    }

    private Duration timeLeft() {
        long passed = path.loop().nanoTime() - startNanos;
        return Duration.ofNanos(Math.max(0, query.maxWait().toNanos() - passed));
    }

    private void await() {
        if (waiting) {
            return;
        }
        waiting = true;
        waitingFor = new ArrayList<>(topicIds.length);
        for (int i = 0; i < topicIds.length; i++) {
            waitingFor.add(new PartitionKey(topicIds[i], query.partitions().get(i).partition()));
        }
        path.waiters().add(this, waitingFor);
        timer = path.loop().schedule(timeLeft(), this::wake);
    }

    private void reply(List<Lookup> lookups) {
        stopWaiting();
        reservedBytes = path.replyBudget().take(query.maxBytes());
        if (reservedBytes == 0) {
            path.metrics().overloaded();
            result.completeExceptionally(
                    new ProblemException(
                            new Problem(
                                    Reason.OVERLOADED,
                                    "The node assembles as many bytes of replies as it may; fetch"
                                            + " again after a pause.")));
            return;
        }
        Reply reply = new Reply(path, query, lookups, reservedBytes, result);
        path.replyBudget().giveBack(reservedBytes - reply.maxBytes());
        reservedBytes = reply.maxBytes();
        reply.start();
    }

    private void stopWaiting() {
        if (waiting) {
            waiting = false;
            path.waiters().remove(this, waitingFor);
        }
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void release() {
        stopWaiting();
        path.replyBudget().giveBack(reservedBytes);
        reservedBytes = 0;
    }
}
