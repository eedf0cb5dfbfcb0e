package io.millrace.client.cluster;

import io.millrace.client.connection.Connection;
import io.millrace.client.partition.TopicPartition;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A router that uses a single node, without discovery. Thread-safe. */
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
    public String unavailableReason(ClusterNode.Role role) {
        return "the pinned node is always used";
    }

    @Override
    public boolean hasAlternative(ClusterNode.Role role, Connection than) {
        return false;
    }

    @Override
    public void reportFailure(Connection node, String why) {}

    @Override
    public void reportSuccess(Connection node, ClusterNode.Role role) {}

    @Override
    public boolean reportUnserved(Connection node, ClusterNode.Role role, boolean atOnce) {
        return false;
    }

    @Override
    public CompletableFuture<Boolean> probe(Connection silent) {
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public boolean isLost(Connection node) {
        return false;
    }

    @Override
    public void addListener(Runnable changed) {}

    @Override
    public void removeListener(Runnable changed) {}

    @Override
    public List<Connection> anyNodes() {
        return List.of(only);
    }

    @Override
    public void reportAnswered(Connection node) {}
}
