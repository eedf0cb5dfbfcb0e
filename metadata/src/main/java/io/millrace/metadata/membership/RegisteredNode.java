package io.millrace.metadata.membership;

import java.util.Set;

/**
 * A live node with its registered properties. Immutable.
 *
 * @param node the id, unique in the cluster and stable across restarts
 * @param incarnation the incarnation that the node currently appends under
 * @param roles the roles of the node
 * @param zone the availability zone; empty if not configured
 * @param host the host name of the gRPC endpoint
 * @param port the port of the gRPC endpoint
 * @param featureLevel the highest feature level that the node supports
 * @param registrationRevision the revision of the registration; a smaller number means an older
 *     node
 */
public record RegisteredNode(
        String node,
        long incarnation,
        Set<Role> roles,
        String zone,
        String host,
        int port,
        int featureLevel,
        long registrationRevision) {

    public RegisteredNode {
        roles = Set.copyOf(roles);
    }
}
