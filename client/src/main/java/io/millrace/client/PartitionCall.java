package io.millrace.client;

import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the node that serves a partition, and the next if that one is gone. Any thread may ask.
 *
 * @param io where its futures complete
 */
record PartitionCall(IoThread io, Nodes nodes, ClusterNode.Role role, TopicPartition partition) {

    private static final Duration PAUSE = Duration.ofMillis(50);

    static PartitionCall of(
            IoThread io, Nodes nodes, ClusterNode.Role role, TopicPartition partition) {
        return new PartitionCall(io, nodes, role, partition);
    }

    /** Asks for something, and changes nothing. */
    <Q, A> CompletableFuture<A> ask(MethodDescriptor<Q, A> method, Q request, Duration timeout) {
        CompletableFuture<A> result = new CompletableFuture<>();
        long endNanos = io.nanoTime() + timeout.toNanos();
        io.run(() -> attempt(method, request, endNanos, result));
        return result;
    }

    private <Q, A> void attempt(
            MethodDescriptor<Q, A> method, Q request, long endNanos, CompletableFuture<A> result) {
        Duration left = Duration.ofNanos(endNanos - io.nanoTime());
        Connection way = nodes.route(role, partition);
        if (way == null) {
            if (left.isPositive()) {
                io.schedule(PAUSE, () -> attempt(method, request, endNanos, result));
            } else {
                result.completeExceptionally(
                        new MillraceException.Unreachable(nodes.why(role), null));
            }
            return;
        }
        Calls.unary(way, method, request, left)
                .whenComplete((answer, failure) ->
                        io.run(() -> {
                            if (failure == null) {
                                result.complete(answer);
                            } else if (Calls.isUnserved(failure)
                                    && nodes.unserved(way, role, false)) {
                                attempt(method, request, endNanos, result);
                            } else if (Calls.isGone(failure) && nodes.hasOther(role, way)) {
                                nodes.failed(way, String.valueOf(failure.getMessage()));
                                io.schedule(
                                        PAUSE, () -> attempt(method, request, endNanos, result));
                            } else {
                                result.completeExceptionally(failure);
                            }
                        }));
    }
}
