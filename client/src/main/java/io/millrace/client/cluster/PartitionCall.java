package io.millrace.client.cluster;

import io.grpc.MethodDescriptor;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/**
 * Sends requests to the node that serves a partition, and to the next node if the first is
 * unavailable. Thread-safe.
 *
 * @param partition the partition, or a routing key in its place
 */
public record PartitionCall(
        IoThread io, NodeCalls nodes, ClusterNode.Role role, TopicPartition partition) {

    private static final Duration RETRY_DELAY = Duration.ofMillis(50);

    public static PartitionCall of(
            IoThread io, NodeCalls nodes, ClusterNode.Role role, TopicPartition partition) {
        return new PartitionCall(io, nodes, role, partition);
    }

    public <Q, A> CompletableFuture<A> query(
            MethodDescriptor<Q, A> method, Q request, Duration timeout) {
        return begin(timeout, true, (way, left) -> UnaryCalls.query(way, method, request, left));
    }

    /** Sends a change. Tries the next node only if the first certainly did not apply the change. */
    public <Q, A> CompletableFuture<A> change(
            MethodDescriptor<Q, A> method, Q request, Duration timeout, String what) {
        return begin(
                timeout, false, (way, left) -> UnaryCalls.change(way, method, request, left, what));
    }

    private <A> CompletableFuture<A> begin(
            Duration timeout,
            boolean repeatable,
            BiFunction<Connection, Duration, CompletableFuture<A>> call) {
        CompletableFuture<A> result = new CompletableFuture<>();
        long endNanos = io.nanoTime() + timeout.toNanos();
        io.run(() -> attempt(call, repeatable, endNanos, result));
        return result;
    }

    private <A> void attempt(
            BiFunction<Connection, Duration, CompletableFuture<A>> call,
            boolean repeatable,
            long endNanos,
            CompletableFuture<A> result) {
        Duration left = Duration.ofNanos(endNanos - io.nanoTime());
        Connection way = nodes.route(role, partition);
        if (way == null) {
            if (left.isPositive()) {
                io.schedule(RETRY_DELAY, () -> attempt(call, repeatable, endNanos, result));
            } else {
                result.completeExceptionally(
                        new MillraceException.Unreachable(nodes.unavailableReason(role), null));
            }
            return;
        }
        call.apply(way, left)
                .whenComplete((answer, failure) ->
                        io.run(() -> {
                            if (failure == null) {
                                result.complete(answer);
                            } else if (repeatable
                                    && UnaryCalls.isCausedByNode(failure)
                                    && nodes.reportUnserved(way, role, false)) {
                                attempt(call, repeatable, endNanos, result);
                            } else if (endNanos - io.nanoTime() <= RETRY_DELAY.toNanos()) {
                                // A slow response does not prove that the node is unavailable.
                                if (UnaryCalls.isNodeUnavailable(failure)) {
                                    var unused = nodes.probe(way);
                                }
                                result.completeExceptionally(failure);
                            } else if (UnaryCalls.isNodeUnavailable(failure)
                                    && nodes.hasAlternative(role, way)) {
                                nodes.reportFailure(way, String.valueOf(failure.getMessage()));
                                io.schedule(
                                        RETRY_DELAY,
                                        () -> attempt(call, repeatable, endNanos, result));
                            } else {
                                result.completeExceptionally(failure);
                            }
                        }));
    }
}
