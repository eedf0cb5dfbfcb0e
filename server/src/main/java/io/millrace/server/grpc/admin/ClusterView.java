package io.millrace.server.grpc.admin;

import io.millrace.metadata.membership.RegisteredNode;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a node tells its clients of the cluster. The suppliers are called on the loop of the
 * metadata.
 *
 * @param cluster its name
 * @param node the id of this node
 * @param members the live nodes by their ids
 */
public record ClusterView(
        String cluster, Supplier<String> node, Supplier<List<RegisteredNode>> members) {}
