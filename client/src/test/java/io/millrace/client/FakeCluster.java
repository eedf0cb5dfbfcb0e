package io.millrace.client;

import io.millrace.client.record.FakeLog;
import io.millrace.protocol.v1.ClusterNode;
import io.millrace.protocol.v1.DescribeClusterResponse;
import io.millrace.protocol.v1.NodeRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Several fake servers with a shared log, each a node that reports all registered nodes. A killed
 * node stays registered, as with a lease that has not expired. Thread-safe.
 */
final class FakeCluster implements AutoCloseable {

    static final String NAME = "fake";

    /** A node; its fields may be changed before a client connects. */
    static final class Node {
        final String id;
        final FakeServer server;
        volatile String zone = "";
        volatile Set<NodeRole> roles = Set.of(NodeRole.INGEST, NodeRole.FETCH);
        volatile int advertisedPort;

        private Node(String id, FakeServer server) {
            this.id = id;
            this.server = server;
            this.advertisedPort = server.port();
        }
    }

    private final FakeLog log = new FakeLog();
    private final List<Node> nodes = new ArrayList<>();
    private final Set<Node> registered = new CopyOnWriteArraySet<>();

    FakeCluster(int count) {
        for (int i = 0; i < count; i++) {
            Node node = new Node("n" + i, new FakeServer(log));
            node.server.admin().describeClusterAs(() -> describe(node));
            nodes.add(node);
            registered.add(node);
        }
    }

    FakeLog log() {
        return log;
    }

    Node node(int index) {
        return nodes.get(index);
    }

    List<Node> nodes() {
        return nodes;
    }

    /** Returns all addresses, separated by commas. */
    String addresses() {
        return nodes.stream().map(node -> node.server.address()).collect(Collectors.joining(","));
    }

    /** Removes a node, as when its lease expires. */
    void unregister(Node node) {
        registered.remove(node);
    }

    void register(Node node) {
        registered.add(node);
    }

    /** Returns the number of batches that each node received. */
    List<Integer> batchesSeen() {
        return nodes.stream().map(node -> node.server.batchesSeen()).toList();
    }

    private DescribeClusterResponse describe(Node answering) {
        DescribeClusterResponse.Builder response =
                DescribeClusterResponse.newBuilder().setCluster(NAME).setNodeId(answering.id);
        IntStream.range(0, nodes.size())
                .mapToObj(nodes::get)
                .filter(registered::contains)
                .forEach(node ->
                        response.addNodes(
                                ClusterNode.newBuilder()
                                        .setId(node.id)
                                        .addAllRoles(node.roles)
                                        .setZone(node.zone)
                                        .setHost("localhost")
                                        .setPort(node.advertisedPort)));
        return response.build();
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.server.close());
    }
}
