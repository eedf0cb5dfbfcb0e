package io.millrace.fetch;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A fetch from its arrival until data exists or the wait expires. A {@link FetchReply} then takes
 * over. Owned by the fetch node's event loop.
 */
final class PendingFetch {

    private final ReadPath path;
    private final FetchQuery query;
    private final OffloadedLookups offloadedRanges;
    private final CompletableFuture<FetchResult> result = new CompletableFuture<>();
    private final long[] topicIds;
    private final long startNanos;

    private List<PartitionId> waitingFor = List.of();
    private EventLoop.@Nullable Timer timer;
    private boolean waiting;
    private boolean checkScheduled;

    /** True during loads of offloaded extents, and once the reply has started. */
    private boolean loading;

    private int reservedBytes;

    PendingFetch(ReadPath path, FetchQuery query) {
        this.path = path;
        this.query = query;
        this.offloadedRanges = new OffloadedLookups(path, query);
        this.topicIds = new long[query.partitions().size()];
        Arrays.setAll(topicIds, i -> query.partitions().get(i).topicId());
        startNanos = path.loop().nanoTime();
    }

    CompletableFuture<FetchResult> start() {
        // A caller may cancel the future on any thread.
        var unused =
                result.whenComplete((done, failure) -> path.loop().runNowOrLater(this::release));
        check(false, null);
        return result;
    }

    /** Called when an awaited partition has changed. Changes of one log entry cause one check. */
    void wake() {
        if (!checkScheduled) {
            checkScheduled = true;
            path.loop().execute(() -> check(false, null));
        }
    }

    /**
     * Replies to data or a problem, and waits otherwise.
     *
     * @param believe true if a barrier has confirmed negative answers
     * @param noBarrier the problem reported in place of a negative answer
     */
    private void check(boolean believe, @Nullable Problem noBarrier) {
        checkScheduled = false;
        if (result.isDone() || loading) {
            return;
        }
        List<PartitionLookup> lookups = new ArrayList<>(topicIds.length);
        boolean denied = false;
        for (int i = 0; i < topicIds.length; i++) {
            PartitionLookup found =
                    PartitionLookup.readable(
                            path.metadata(), query.partitions().get(i), topicIds[i]);
            if (found instanceof PartitionLookup.ReadableLog(long topicId, PartitionLog log)) {
                topicIds[i] = topicId;
            } else if (noBarrier != null) {
                found = new PartitionLookup.NotReadable(noBarrier);
            }
            denied |= found instanceof PartitionLookup.NotReadable;
            lookups.add(found);
        }
        if (denied && !believe) {
            checkAfterBarrier();
        } else if (denied || topicIds.length == 0 || hasEnough(lookups) || timeLeft().isZero()) {
            replyWhenResolved(lookups);
        } else {
            waitForRecords();
        }
    }

    private void replyWhenResolved(List<PartitionLookup> lookups) {
        loading = true;
        offloadedRanges
                .resolved(
                        lookups,
                        () -> {
                            loading = false;
                            check(false, null);
                        })
                .ifPresent(this::reply);
    }

    private void checkAfterBarrier() {
        checkScheduled = true;
        var unused =
                path.metadata()
                        .barrier()
                        .whenComplete((reached, failure) ->
                                path.loop()
                                        .runNowOrLater(() ->
                                                check(true, BarrierFailures.problem(failure))));
    }

    private boolean hasEnough(List<PartitionLookup> lookups) {
        long needed = Math.min(query.minBytes(), query.maxBytes());
        for (int i = 0; i < lookups.size() && needed > 0; i++) {
            FetchQuery.PartitionQuery asked = query.partitions().get(i);
            if (lookups.get(i)
                            instanceof PartitionLookup.ReadableLog(long topicId, PartitionLog log)
                    && asked.offset() < log.highWatermark()) {
                if (log.offloadedRangeAt(asked.offset()).isPresent()) {
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

    private void waitForRecords() {
        if (waiting) {
            return;
        }
        waiting = true;
        waitingFor = new ArrayList<>(topicIds.length);
        for (int i = 0; i < topicIds.length; i++) {
            waitingFor.add(new PartitionId(topicIds[i], query.partitions().get(i).partition()));
        }
        path.longPolls().add(this, waitingFor);
        timer = path.loop().schedule(timeLeft(), this::wake);
    }

    private void reply(List<PartitionLookup> lookups) {
        stopWaiting();
        reservedBytes = path.replyBudget().reserve(query.maxBytes());
        if (reservedBytes == 0) {
            path.metrics().overloaded();
            result.completeExceptionally(
                    new ProblemException(
                            new Problem(
                                    Reason.OVERLOADED,
                                    "The node has reached its limit of bytes in replies; fetch"
                                            + " again after a pause.")));
            return;
        }
        FetchReply reply = new FetchReply(path, query, lookups, reservedBytes, result);
        path.replyBudget().release(reservedBytes - reply.maxBytes());
        reservedBytes = reply.maxBytes();
        reply.start();
    }

    private void stopWaiting() {
        if (waiting) {
            waiting = false;
            path.longPolls().remove(this, waitingFor);
        }
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void release() {
        stopWaiting();
        path.replyBudget().release(reservedBytes);
        reservedBytes = 0;
    }
}
