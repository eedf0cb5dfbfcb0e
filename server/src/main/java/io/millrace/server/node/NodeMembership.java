package io.millrace.server.node;

import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.error.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The membership of this node, standalone or in a cluster. Used by the thread that opens, drains
 * and closes the node; methods may block.
 */
interface NodeMembership {

    MetadataReplica metadata();

    /** Returns the identity of the log, which the bucket had at the start. */
    ClusterId identity();

    /** Returns the secret that the nodes of the cluster share. */
    NodeSecret secret();

    Set<Role> roles();

    /** Returns this node's id: empty until the node has joined. */
    String node();

    /**
     * Returns true if the cluster cannot yet have declared this node dead. On the metadata's loop.
     */
    boolean isLive();

    /** Returns the maximum time until this node detects that the cluster declared it dead. */
    Duration leaseDuration();

    /** Returns the live nodes, including this node once joined. Any thread. */
    List<RegisteredNode> liveNodes();

    /**
     * @param kafkaPorts empty if this node does not serve Kafka clients
     * @throws StartFailure if the cluster rejects this node
     */
    void join(int grpcPort, Map<KafkaListener, Integer> kafkaPorts);

    /**
     * Withdraws the roles of this node, so that no client or node sends requests to it. The node
     * stays live, and can finish accepted requests for any time.
     */
    void withdraw();

    /** Does nothing before a join. */
    void leave();

    /** Completes with the reason once only a new process can serve. */
    CompletableFuture<Problem> stopped();

    String description();
}
