package io.millrace.client.cluster;

import io.millrace.client.connection.ClientSettings;
import java.util.Set;

/**
 * A live node of a cluster, as registered. Immutable.
 *
 * @param id the id, unique in the cluster and stable across restarts
 * @param roles the roles of the node; roles unknown to this client are omitted
 * @param zone the zone of the node; empty if not configured
 * @param host the host advertised to clients
 * @param port the port of the gRPC services
 */
public record ClusterNode(String id, Set<Role> roles, String zone, String host, int port) {

    /** Role of a node. */
    public enum Role {
        /** Receives records from producers. */
        INGEST,
        /** Serves records to consumers. */
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
