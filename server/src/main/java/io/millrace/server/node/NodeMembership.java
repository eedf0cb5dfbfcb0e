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
 * How this node stands to others: by itself, or in a cluster. Used by the thread that opens, drains
 * and closes the node, and may block it.
 */
interface NodeMembership {

    /** This node's copy of the metadata. */
    MetadataReplica metadata();

    /** What this node does. */
    Set<Role> roles();

    /** This node's id; empty until it has joined. */
    String node();

    /**
     * Whether the others cannot have taken this node for dead yet, for sure. On the metadata's
     * loop.
     */
    boolean isLive();

    /** How long this node may not know, at most, that the others took it for dead. */
    Duration life();

    /** The live nodes, this one among them once it has joined. Any thread. */
    List<RegisteredNode> members();

    /**
     * Tells the others that this node serves.
     *
     * @param grpcPort on which it listens
     * @throws StartFailure if the others do not let it
     */
    void join(int grpcPort);

    /** Tells the others that this node goes; does nothing if it has not joined. */
    void leave();

    /** Completes with the reason once this node can never serve again; a new process may. */
    CompletableFuture<Problem> stopped();

    /** What the line that says that it is ready says of it. */
    String description();
}
