package io.millrace.client.subscription;

import io.millrace.client.connection.CallFailures;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Commit;
import io.millrace.protocol.v1.OffsetToCommit;
import io.millrace.protocol.v1.SubscribeRequest;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The commits of a subscription that are not answered. They are sent in their order, and again in
 * that order on a new stream, since the answers were lost with the old one; to repeat them does no
 * harm while the partitions are the subscription's. A commit's id is its number too, over all
 * streams: what an earlier stream left on its way cannot count behind a later one. Owner: the I/O
 * thread.
 */
public final class CommitLedger {

    /** Commits of the user that may wait for their answers; more are refused. */
    static final int MAX_OF_THE_USER = 10_000;

    /** Commits that may wait at the node; the others are sent as these are answered. */
    private static final int MAX_AT_THE_NODE = 500;

    /** What is to be stored for a partition. */
    public record Mark(long offset, String metadata) {}

    /** A commit that is not answered. */
    static final class Pending {
        private final long id;
        private final Map<TopicPartition, Mark> marks;
        private final @Nullable CompletableFuture<Void> future;
        private boolean sent;

        private Pending(
                long id,
                Map<TopicPartition, Mark> marks,
                @Nullable CompletableFuture<Void> future) {
            this.id = id;
            this.marks = new LinkedHashMap<>(marks);
            this.future = future;
        }

        /** Those whose partitions are still the subscription's. */
        Map<TopicPartition, Mark> marks() {
            return marks;
        }

        /** Who waits for it; null for one that the subscription makes by itself. */
        @Nullable CompletableFuture<Void> future() {
            return future;
        }
    }

    private final SubscriptionSteps steps;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final Map<TopicPartition, Integer> counts = new HashMap<>();
    private int ofTheUser;
    private long nextId = 1;

    CommitLedger(SubscriptionSteps steps) {
        this.steps = steps;
    }

    /** Adds a commit that the subscription makes by itself. */
    void add(Map<TopicPartition, Mark> marks) {
        add(marks, null);
    }

    /** Adds a commit of the user. */
    void add(TopicPartition partition, Mark mark, CompletableFuture<Void> future) {
        if (ofTheUser >= MAX_OF_THE_USER) {
            String many = "%d commits wait for their answers: wait for some before the next.";
            fail(future, new Problem(Reason.OVERLOADED, many.formatted(ofTheUser)));
            return;
        }
        ofTheUser++;
        add(Map.of(partition, mark), future);
    }

    private void add(Map<TopicPartition, Mark> marks, @Nullable CompletableFuture<Void> future) {
        Pending added = new Pending(nextId++, marks, future);
        pending.add(added);
        marks.keySet().forEach(id -> counts.merge(id, 1, Integer::sum));
    }

    /** Whether a commit for a partition waits for its answer. */
    boolean isWaiting(TopicPartition partition) {
        return counts.containsKey(partition);
    }

    /**
     * Sends what may be sent, up to the first that may not.
     *
     * @param confirmed whether the node knows that a partition is the subscription's
     */
    void send(Predicate<TopicPartition> confirmed, long nowNanos) {
        int before = 0;
        for (Pending each : pending) {
            if (before++ == MAX_AT_THE_NODE) {
                return;
            }
            if (!each.sent) {
                if (!each.marks.keySet().stream().allMatch(confirmed)) {
                    return;
                }
                each.sent = true;
                steps.send(request(each), nowNanos);
            }
        }
    }

    private static SubscribeRequest.Builder request(Pending commit) {
        Commit.Builder message = Commit.newBuilder().setId(commit.id).setSequence(commit.id);
        commit.marks.forEach((id, mark) ->
                message.addOffsets(
                        OffsetToCommit.newBuilder()
                                .setTopic(id.topic())
                                .setPartition(id.partition())
                                .setOffset(mark.offset())
                                .setMetadata(mark.metadata())));
        return SubscribeRequest.newBuilder().setCommit(message);
    }

    /** Takes the commit that was answered; null if there is none, or nothing of it is left. */
    @Nullable Pending answered(long id) {
        for (Pending each : pending) {
            if (each.id == id) {
                pending.remove(each);
                each.marks.keySet().forEach(this::uncount);
                if (each.marks.isEmpty()) {
                    return null;
                }
                settled(each);
                return each;
            }
        }
        return null;
    }

    /** The stream is gone, and the answers with it. */
    void lineDown() {
        pending.removeIf(each -> each.marks.isEmpty());
        pending.forEach(each -> each.sent = false);
    }

    /** A partition is not the subscription's any more. */
    void forget(TopicPartition partition) {
        if (counts.remove(partition) == null) {
            return;
        }
        for (Iterator<Pending> all = pending.iterator(); all.hasNext(); ) {
            Pending each = all.next();
            if (each.marks.remove(partition) != null && each.marks.isEmpty()) {
                if (each.future != null) {
                    settled(each);
                    fail(each.future, notHeld(partition));
                }
                if (!each.sent) {
                    all.remove();
                }
            }
        }
    }

    /** All is over: those who wait are told so. */
    void close() {
        List.copyOf(pending)
                .forEach(each -> {
                    CompletableFuture<Void> waiting = each.future;
                    if (waiting != null && !each.marks.isEmpty()) {
                        String over =
                                "The subscription ended before the commit was answered; whether it counts"
                                        + " is not known.";
                        steps.add(
                                new SubscriptionStep.Settle(() ->
                                        waiting.completeExceptionally(
                                                new MillraceException.OutcomeUnknown(over, true))));
                    }
                });
        pending.clear();
        counts.clear();
    }

    static Problem notHeld(TopicPartition partition) {
        return new Problem(
                Reason.PARTITION_NOT_LEASED,
                "This subscription does not hold %s (any more), so nothing is committed for it."
                        .formatted(partition));
    }

    void succeed(Pending commit) {
        CompletableFuture<Void> future = commit.future;
        if (future != null) {
            steps.add(new SubscriptionStep.Settle(() -> future.complete(null)));
        }
    }

    void fail(CompletableFuture<Void> future, Problem problem) {
        steps.add(
                new SubscriptionStep.Settle(
                        () -> future.completeExceptionally(CallFailures.ofChange(problem))));
    }

    private void settled(Pending each) {
        if (each.future != null) {
            ofTheUser--;
        }
    }

    private void uncount(TopicPartition partition) {
        counts.computeIfPresent(partition, (id, count) -> count == 1 ? null : count - 1);
    }
}
