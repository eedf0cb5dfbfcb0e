package io.millrace.client.cluster;

import io.grpc.MethodDescriptor;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.UnaryCalls;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Sends requests to any node, and to the next node if the first is unavailable or shutting down.
 * Thread-safe.
 */
public final class AnyNodeCaller {

    private static final Duration MIN_TIMEOUT = Duration.ofSeconds(2);

    private final NodeCalls nodes;

    public AnyNodeCaller(NodeCalls nodes) {
        this.nodes = nodes;
    }

    /**
     * @param timeout the timeout of all attempts together; each attempt has at least 2 s
     */
    public <Q, A> CompletableFuture<A> query(
            MethodDescriptor<Q, A> method, Q request, Duration timeout) {
        List<Connection> order = nodes.anyNodes();
        Duration each = timeoutPerNode(timeout, order.size());
        return callFrom(
                order,
                0,
                failure ->
                        UnaryCalls.isNodeUnavailable(failure) || UnaryCalls.isCausedByNode(failure),
                node -> UnaryCalls.query(node, method, request, each));
    }

    /** Sends a change. Tries the next node only if the first certainly did not apply the change. */
    public <Q, A> CompletableFuture<A> change(
            MethodDescriptor<Q, A> method, Q request, Duration timeout, String what) {
        List<Connection> order = nodes.anyNodes();
        Duration each = timeoutPerNode(timeout, order.size());
        return callFrom(
                order,
                0,
                UnaryCalls::isNodeUnavailable,
                node -> UnaryCalls.change(node, method, request, each, what));
    }

    private static Duration timeoutPerNode(Duration timeout, int nodes) {
        Duration share = timeout.dividedBy(nodes);
        Duration min = MIN_TIMEOUT.compareTo(timeout) < 0 ? MIN_TIMEOUT : timeout;
        return share.compareTo(min) < 0 ? min : share;
    }

    private <A> CompletableFuture<A> callFrom(
            List<Connection> order,
            int index,
            Predicate<Throwable> mayAskNext,
            Function<Connection, CompletableFuture<A>> call) {
        Connection node = order.get(index);
        return call.apply(node)
                .whenComplete((answer, failure) -> {
                    if (failure == null) {
                        nodes.reportAnswered(node);
                    }
                })
                .exceptionallyCompose(failure ->
                        index + 1 < order.size() && mayAskNext.test(failure)
                                ? callFrom(order, index + 1, mayAskNext, call)
                                : CompletableFuture.failedFuture(UnaryCalls.failureOf(failure)));
    }
}
