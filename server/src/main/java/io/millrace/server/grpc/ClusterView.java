package io.millrace.server.grpc;

import io.millrace.metadata.membership.Member;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.Role;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What a node tells its clients of the cluster.
 *
 * @param cluster its name
 * @param node the id of this node
 * @param members the live nodes by their ids; called on the loop of the metadata
 */
public record ClusterView(String cluster, String node, Supplier<List<Member>> members) {

    /** The id of the one node of a process that shares its metadata with nobody. */
    public static final String EMBEDDED = "embedded";

    /** That of a node among others. */
    public static ClusterView of(String cluster, String node, Membership membership) {
        return new ClusterView(cluster, node, membership::members);
    }

    /**
     * That of a process that shares its metadata with nobody: it is the only node, and does all.
     *
     * @param port known once gRPC is served
     */
    public static ClusterView alone(String cluster, String host, IntSupplier port) {
        return new ClusterView(
                cluster,
                EMBEDDED,
                () ->
                        List.of(
                                new Member(
                                        EMBEDDED,
                                        0,
                                        Set.of(Role.values()),
                                        "",
                                        host,
                                        port.getAsInt(),
                                        0,
                                        0)));
    }
}
