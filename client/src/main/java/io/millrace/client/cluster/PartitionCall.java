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
 * Asks the node that serves a partition, and the next if that one is gone. Any thread may ask.
 *
 * @param io where its futures complete
 */
public record PartitionCall(
        IoThread io, NodeCalls nodes, ClusterNode.Role role, TopicPartition partition) {

    private static final Duration PAUSE = Duration.ofMillis(50);

    public static PartitionCall of(
            IoThread io, NodeCalls nodes, ClusterNode.Role role, TopicPartition partition) {
        return new PartitionCall(io, nodes, role, partition);
    }

    /** Asks for something, and changes nothing. */
    public <Q, A> CompletableFuture<A> ask(
            MethodDescriptor<Q, A> method, Q request, Duration timeout) {
        return begin(timeout, true, (way, left) -> UnaryCalls.unary(way, method, request, left));
    }

    /**
     * Changes something. Another node is asked only if the first surely did not follow.
     *
     * @param what the change, as in "delete group g"
     */
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
                io.schedule(PAUSE, () -> attempt(call, repeatable, endNanos, result));
            } else {
                result.completeExceptionally(
                        new MillraceException.Unreachable(nodes.why(role), null));
            }
            return;
        }
        call.apply(way, left)
                .whenComplete((answer, failure) ->
                        io.run(() -> {
                            if (failure == null) {
                                result.complete(answer);
                            } else if (repeatable
                                    && UnaryCalls.isUnserved(failure)
                                    && nodes.unserved(way, role, false)) {
                                attempt(call, repeatable, endNanos, result);
                            } else if (UnaryCalls.isGone(failure) && nodes.hasOther(role, way)) {
                                nodes.failed(way, String.valueOf(failure.getMessage()));
                                io.schedule(
                                        PAUSE, () -> attempt(call, repeatable, endNanos, result));
                            } else {
                                result.completeExceptionally(failure);
                            }
                        }));
    }
}
