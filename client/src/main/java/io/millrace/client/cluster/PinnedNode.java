package io.millrace.client.cluster;

import io.millrace.client.connection.Connection;
import io.millrace.client.partition.TopicPartition;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A router that uses one node for everything, without discovery. Thread-safe. */
public final class PinnedNode implements NodeCalls {

    private final Connection only;

    public PinnedNode(Connection only) {
        this.only = only;
    }

    @Override
    public Connection route(ClusterNode.Role role, TopicPartition partition) {
        return only;
    }

    @Override
    public String why(ClusterNode.Role role) {
        return "the pinned node is always used";
    }

    @Override
    public boolean hasOther(ClusterNode.Role role, Connection than) {
        return false;
    }

    @Override
    public void failed(Connection node, String why) {}

    @Override
    public void served(Connection node, ClusterNode.Role role) {}

    @Override
    public boolean unserved(Connection node, ClusterNode.Role role, boolean atOnce) {
        return false;
    }

    @Override
    public CompletableFuture<Boolean> doubt(Connection silent) {
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public boolean isLost(Connection node) {
        return false;
    }

    @Override
    public void join(Runnable changed) {}

    @Override
    public void leave(Runnable changed) {}

    @Override
    public List<Connection> anybody() {
        return List.of(only);
    }

    @Override
    public void answered(Connection node) {}
}
