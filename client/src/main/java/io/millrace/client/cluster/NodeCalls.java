package io.millrace.client.cluster;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.connection.Connection;
import io.millrace.client.partition.TopicPartition;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Routes requests to the nodes that serve partitions, and collects reports about their health.
 * Owner: the I/O thread. Any thread may call {@link #anyNodes} and {@link #reportAnswered}.
 */
public interface NodeCalls {

    default SilenceLimits silenceLimits() {
        return SilenceLimits.DEFAULT;
    }

    /**
     * Returns the connection to the node that serves a partition now; null without an available
     * node. Later calls may return a different node.
     */
    @Nullable Connection route(Role role, TopicPartition partition);

    /** Returns a human-readable reason for a missing node. */
    String unavailableReason(Role role);

    /** Returns whether a node other than {@code than} is available. */
    boolean hasAlternative(Role role, Connection than);

    /**
     * Reports a failed connection or a node that is shutting down. Routes avoid the node until it
     * responds again.
     */
    void reportFailure(Connection node, String why);

    void reportSuccess(Connection node, Role role);

    /**
     * Reports that a responding node cannot serve a request in a role. If this persists, routes
     * avoid the node, provided that a different node may be healthier.
     *
     * @param atOnce true if the problem has already lasted too long
     * @return whether routes avoid the node from now on
     */
    boolean reportUnserved(Connection node, Role role, boolean atOnce);

    /**
     * Probes a silent node.
     *
     * @return a future, completed on the I/O thread, of whether the node may be alive
     */
    CompletableFuture<Boolean> probe(Connection silent);

    /** Returns whether a node was found dead and is not in use. */
    boolean isLost(Connection node);

    /** Registers a callback that runs on the I/O thread when routes may have changed. */
    void addListener(Runnable changed);

    void removeListener(Runnable changed);

    /**
     * Returns connections to all nodes that may answer a general request, best first. Never empty.
     */
    List<Connection> anyNodes();

    /** Reports a response of a node of {@link #anyNodes}. */
    void reportAnswered(Connection node);
}
