package io.millrace.metadata.membership;

import java.util.Set;

/**
 * A live node, as it registered itself. Immutable.
 *
 * @param node its id, unique in the cluster and the same after a restart
 * @param incarnation under which it writes to the log now
 * @param roles what it does
 * @param zone where it is; empty if that was not said
 * @param host where gRPC reaches it
 * @param port where gRPC reaches it
 * @param featureLevel the highest that it knows
 * @param age since when it is registered: of two nodes the one with the smaller number is the older
 */
public record RegisteredNode(
        String node,
        long incarnation,
        Set<Role> roles,
        String zone,
        String host,
        int port,
        int featureLevel,
        long age) {

    public RegisteredNode {
        roles = Set.copyOf(roles);
    }
}
