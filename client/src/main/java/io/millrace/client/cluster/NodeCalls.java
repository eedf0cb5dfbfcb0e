package io.millrace.client.cluster;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.connection.Connection;
import io.millrace.client.partition.TopicPartition;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Routes requests to the nodes that serve partitions, and collects reports about the nodes' health.
 * Owner: the I/O thread, except for {@link #anyNodes}, which any thread may call.
 */
public interface NodeCalls {

    /** Returns the limits on the silence of each node. */
    default SilenceLimits silenceLimits() {
        return SilenceLimits.DEFAULT;
    }

    /**
     * Returns the connection to the node that serves a partition now; null if there is none, as
     * explained by {@link #unavailableReason}. May return a different node after every change.
     */
    @Nullable Connection route(Role role, TopicPartition partition);

    /** Returns why no node is available for a role, as a message for people. */
    String unavailableReason(Role role);

    /** Returns whether a node other than {@code than} is available for a role. */
    boolean hasAlternative(Role role, Connection than);

    /**
     * Reports that a node's connection failed or that the node is shutting down: different nodes
     * are used until it responds again.
     *
     * @param why the reason, as a message for people
     */
    void reportFailure(Connection node, String why);

    /** Reports that a node has served a request in a role. */
    void reportSuccess(Connection node, Role role);

    /**
     * Reports that a node responds but cannot serve a request in a role. If this persists,
     * different nodes are used, provided that any may be healthier.
     *
     * @param atOnce true if the problem has already lasted too long
     * @return whether different nodes are used from now on
     */
    boolean reportUnserved(Connection node, Role role, boolean atOnce);

    /**
     * Probes a node that has been silent for suspiciously long.
     *
     * @return a future, completed on the I/O thread, of whether the node may be alive; if not, no
     *     response is to be expected
     */
    CompletableFuture<Boolean> probe(Connection silent);

    /** Returns whether a node was found dead and is not in use. */
    boolean isLost(Connection node);

    /** Registers a callback that runs on the I/O thread whenever routes may have changed. */
    void addListener(Runnable changed);

    void removeListener(Runnable changed);

    /**
     * Returns connections to all nodes that may answer a general request, best first. Never empty.
     */
    List<Connection> anyNodes();

    /** Reports which node of {@link #anyNodes} has responded. Any thread. */
    void reportAnswered(Connection node);
}
