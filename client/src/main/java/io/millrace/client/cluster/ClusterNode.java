package io.millrace.client.cluster;

import io.millrace.client.connection.ClientSettings;
import java.util.Set;

/**
 * A live node of a cluster, as it registered itself. Immutable.
 *
 * @param id unique in the cluster, and the same after a restart
 * @param roles what it does; those that this client does not know are left out
 * @param zone where it runs; empty if it was given none
 * @param host where clients reach it
 * @param port of its gRPC services
 */
public record ClusterNode(String id, Set<Role> roles, String zone, String host, int port) {

    /** What a node does. */
    public enum Role {
        /** Takes what is produced. */
        INGEST,
        /** Serves what is read. */
        FETCH,
        /** Looks after old data. */
        COMPACTION
    }

    public ClusterNode {
        roles = Set.copyOf(roles);
    }

    public ClientSettings.Address address() {
        return new ClientSettings.Address(host, port);
    }
}
