package io.millrace.client.cluster;

import io.millrace.client.connection.ClientSettings;
import java.util.Set;

/**
 * A live node of a cluster, as registered. Immutable.
 *
 * @param id the id, unique in the cluster and stable across restarts
 * @param roles the roles known to this client
 * @param zone the zone; empty if not configured
 * @param host the host advertised to clients
 */
public record ClusterNode(String id, Set<Role> roles, String zone, String host, int port) {

    /** A role of a node. */
    public enum Role {
        INGEST,
        FETCH,
        /** Merges and deletes old data. */
        COMPACTION
    }

    public ClusterNode {
        roles = Set.copyOf(roles);
    }

    public ClientSettings.Address address() {
        return new ClientSettings.Address(host, port);
    }
}
