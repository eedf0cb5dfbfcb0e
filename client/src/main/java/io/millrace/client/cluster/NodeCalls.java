package io.millrace.client.cluster;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.connection.Connection;
import io.millrace.client.partition.TopicPartition;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds the node that serves a partition. Owner: the I/O thread, but for {@link #anybody}, which
 * any thread may call.
 */
public interface NodeCalls {

    /** The limits on the silence of each node. */
    default SilenceLimits silenceLimits() {
        return SilenceLimits.DEFAULT;
    }

    /**
     * The way to the node that serves a partition now; null while there is none, which {@link #why}
     * explains. It may be another at every change.
     */
    @Nullable Connection route(Role role, TopicPartition partition);

    /** Why there is no way for a role, in words for people. */
    String why(Role role);

    /** Whether there is a way for a role that avoids this one. */
    boolean hasOther(Role role, Connection than);

    /**
     * A node broke off, or wants to be left: others are used until it answers again.
     *
     * @param why in words for people
     */
    void failed(Connection node, String why);

    /** A node did what it was asked in a role: it works. */
    void served(Connection node, Role role);

    /**
     * A node answers, but cannot do what it is asked in a role: when that lasts, others are used,
     * if any may be better.
     *
     * @param atOnce whether it has lasted too long already
     * @return whether others are to be used from now on
     */
    boolean unserved(Connection node, Role role, boolean atOnce);

    /**
     * A node has been silent for suspiciously long: it is asked whether it is there.
     *
     * @return on the I/O thread, whether it may be; if not, nothing is to be expected of it
     */
    CompletableFuture<Boolean> doubt(Connection silent);

    /** Whether a node is not in use, since it was found to be gone. */
    boolean isLost(Connection node);

    /** Runs something on the I/O thread whenever a partition may have another way. */
    void join(Runnable changed);

    void leave(Runnable changed);

    /** The ways to all nodes that may answer what any node answers, the best first. Not empty. */
    List<Connection> anybody();

    /** Takes note of which one of {@link #anybody} answered. From any thread. */
    void answered(Connection node);
}
