package io.millrace.metadata.membership;

import java.util.Set;

/**
 * A live node with its registered properties.
 *
 * @param node the id, unique in the cluster and stable across restarts
 * @param zone empty if not configured
 * @param registrationRevision smaller for older registrations
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
