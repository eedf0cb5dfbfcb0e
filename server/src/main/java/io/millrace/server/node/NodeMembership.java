package io.millrace.server.node;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.error.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Membership of this node: standalone, or in a cluster. Used by the thread that opens, drains and
 * closes the node; methods may block.
 */
interface NodeMembership {

    /** Returns this node's replica of the metadata. */
    MetadataReplica metadata();

    /** Returns the roles of this node. */
    Set<Role> roles();

    /** Returns this node's id: empty until the node has joined. */
    String node();

    /**
     * Returns true if the cluster cannot yet have declared this node dead. On the metadata's loop.
     */
    boolean isLive();

    /** Returns the maximum time this node can be unaware that the cluster declared it dead. */
    Duration leaseDuration();

    /** Returns the live nodes, including this node once joined. Any thread. */
    List<RegisteredNode> liveNodes();

    /**
     * Announces to the cluster that this node serves.
     *
     * @param grpcPort the port this node listens on
     * @throws StartFailure if the cluster rejects this node
     */
    void join(int grpcPort);

    /** Announces to the cluster that this node leaves; does nothing before a join. */
    void leave();

    /** Completes with the reason once this node can never serve again; a new process can. */
    CompletableFuture<Problem> stopped();

    /** Returns the node's part of the ready line. */
    String description();
}
