package io.millrace.server.grpc.admin;

import io.millrace.metadata.membership.RegisteredNode;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * A view of the cluster for clients. The suppliers are called on the metadata's loop.
 *
 * @param members the live nodes, sorted by id
 * @param featureLevel the feature level in force
 */
public record ClusterView(
        String cluster,
        Supplier<String> node,
        Supplier<List<RegisteredNode>> members,
        IntSupplier featureLevel) {}
