package io.millrace.client.cluster;

import io.millrace.client.connection.ClientSettings;
import java.util.Optional;
import java.util.Set;

/**
 * A live node of a cluster, as registered. Immutable.
 *
 * @param id the id, unique in the cluster and stable across restarts
 * @param roles the roles known to this client
 * @param zone the zone; empty if not configured
 * @param host the host advertised to clients
 * @param featureLevel the highest feature level that the node supports; 0 if unknown
 * @param version the version of Millrace that the node runs; empty if unknown
 * @param kafka the address for Kafka clients; empty if the node does not serve them
 * @param kafkaExternal the address for Kafka clients outside the network of the cluster; empty if
 *     the node has no external listener
 */
public record ClusterNode(
        String id,
        Set<Role> roles,
        String zone,
        String host,
        int port,
        int featureLevel,
        String version,
        Optional<ClientSettings.Address> kafka,
        Optional<ClientSettings.Address> kafkaExternal) {

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

    /** A node of unknown version. */
    public ClusterNode(String id, Set<Role> roles, String zone, String host, int port) {
        this(id, roles, zone, host, port, 0, "", Optional.empty(), Optional.empty());
    }

    public ClientSettings.Address address() {
        return new ClientSettings.Address(host, port);
    }
}
