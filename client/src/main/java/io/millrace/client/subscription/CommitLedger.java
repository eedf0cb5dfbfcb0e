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
 * The unanswered commits of a subscription. Sends commits in order, and again in the same order on
 * a new stream. Commit ids increase across streams, so that a delayed commit of an earlier stream
 * cannot overwrite a later commit. Owner: the I/O thread.
 */
public final class CommitLedger {

    /**
     * The maximum number of unanswered commits of the application; further commits are rejected.
     */
    static final int MAX_USER_COMMITS = 10_000;

    /** The maximum number of commits in flight; further commits wait. */
    private static final int MAX_IN_FLIGHT = 500;

    /** An offset and metadata to be committed. */
    public record CommitOffset(long offset, String metadata) {}

    static final class Pending {
        private final long id;
        private final Map<TopicPartition, CommitOffset> marks;
        private final @Nullable CompletableFuture<Void> future;
        private boolean sent;

        private Pending(
                long id,
                Map<TopicPartition, CommitOffset> marks,
                @Nullable CompletableFuture<Void> future) {
            this.id = id;
            this.marks = new LinkedHashMap<>(marks);
            this.future = future;
        }

        /** Returns the offsets of partitions that are still assigned. */
        Map<TopicPartition, CommitOffset> marks() {
            return marks;
        }

        /** Returns the application's future; null for an automatic commit. */
        @Nullable CompletableFuture<Void> future() {
            return future;
        }
    }

    private final SubscriptionSteps steps;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final Map<TopicPartition, Integer> unansweredByPartition = new HashMap<>();
    private int userCommits;
    private long nextId = 1;

    CommitLedger(SubscriptionSteps steps) {
        this.steps = steps;
    }

    void add(Map<TopicPartition, CommitOffset> marks) {
        add(marks, null);
    }

    void add(TopicPartition partition, CommitOffset mark, CompletableFuture<Void> future) {
        if (userCommits >= MAX_USER_COMMITS) {
            String many =
                    "%d commits are unanswered: wait for some of them before the next commit.";
            fail(future, new Problem(Reason.OVERLOADED, many.formatted(userCommits)));
            return;
        }
        userCommits++;
        add(Map.of(partition, mark), future);
    }

    private void add(
            Map<TopicPartition, CommitOffset> marks, @Nullable CompletableFuture<Void> future) {
        Pending added = new Pending(nextId++, marks, future);
        pending.add(added);
        marks.keySet().forEach(id -> unansweredByPartition.merge(id, 1, Integer::sum));
    }

    boolean isWaiting(TopicPartition partition) {
        return unansweredByPartition.containsKey(partition);
    }

    /** Sends commits in order, up to the first commit of an unconfirmed partition. */
    void send(Predicate<TopicPartition> confirmed, long nowNanos) {
        int before = 0;
        for (Pending each : pending) {
            if (before++ == MAX_IN_FLIGHT) {
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

    /** Removes and returns a commit; null if unknown or without assigned partitions. */
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

    void streamLost() {
        pending.removeIf(each -> each.marks.isEmpty());
        pending.forEach(each -> each.sent = false);
    }

    void forget(TopicPartition partition) {
        if (unansweredByPartition.remove(partition) == null) {
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

    void close() {
        List.copyOf(pending)
                .forEach(each -> {
                    CompletableFuture<Void> waiting = each.future;
                    if (waiting != null && !each.marks.isEmpty()) {
                        String over =
                                "The subscription ended before the commit was answered; it is unknown whether the"
                                        + " offset is committed.";
                        steps.add(
                                new SubscriptionStep.CompleteFuture(() ->
                                        waiting.completeExceptionally(
                                                new MillraceException.OutcomeUnknown(over, true))));
                    }
                });
        pending.clear();
        unansweredByPartition.clear();
    }

    static Problem notHeld(TopicPartition partition) {
        return new Problem(
                Reason.PARTITION_NOT_LEASED,
                "The offset is not committed: %s is not assigned to this subscription (any more)."
                        .formatted(partition));
    }

    void succeed(Pending commit) {
        CompletableFuture<Void> future = commit.future;
        if (future != null) {
            steps.add(new SubscriptionStep.CompleteFuture(() -> future.complete(null)));
        }
    }

    void fail(CompletableFuture<Void> future, Problem problem) {
        steps.add(
                new SubscriptionStep.CompleteFuture(
                        () -> future.completeExceptionally(CallFailures.ofChange(problem))));
    }

    private void settled(Pending each) {
        if (each.future != null) {
            userCommits--;
        }
    }

    private void uncount(TopicPartition partition) {
        unansweredByPartition.computeIfPresent(
                partition, (id, count) -> count == 1 ? null : count - 1);
    }
}
