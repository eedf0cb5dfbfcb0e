package io.millrace.server.grpc.admin;

import io.millrace.metadata.membership.RegisteredNode;
import java.util.List;
import java.util.function.Supplier;

/**
 * View of the cluster that a node reports to clients. The suppliers are called on the metadata's
 * loop.
 *
 * @param cluster the name of the cluster
 * @param node the id of this node
 * @param members the live nodes, sorted by id
 */
public record ClusterView(
        String cluster, Supplier<String> node, Supplier<List<RegisteredNode>> members) {}
