package io.millrace.metadata.membership;

import java.util.Map;
import java.util.Set;

/**
 * A live node with its registered properties.
 *
 * @param node the id, unique in the cluster and stable across restarts
 * @param zone empty if not configured
 * @param metadataBytes the heap for the metadata; 0 if unknown
 * @param version the version of Millrace, for operators; empty if unknown
 * @param kafka the addresses for Kafka clients by listener; empty if the node does not serve them
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
        long metadataBytes,
        String version,
        Map<KafkaListener, NodeAddress> kafka,
        long registrationRevision) {

    public RegisteredNode {
        roles = Set.copyOf(roles);
        kafka = Map.copyOf(kafka);
    }

    /** A node that does not serve Kafka clients. */
    public RegisteredNode(
            String node,
            long incarnation,
            Set<Role> roles,
            String zone,
            String host,
            int port,
            int featureLevel,
            long metadataBytes,
            String version,
            long registrationRevision) {
        this(
                node,
                incarnation,
                roles,
                zone,
                host,
                port,
                featureLevel,
                metadataBytes,
                version,
                Map.of(),
                registrationRevision);
    }

    /** A node of which the heap and the version are unknown. */
    public RegisteredNode(
            String node,
            long incarnation,
            Set<Role> roles,
            String zone,
            String host,
            int port,
            int featureLevel,
            long registrationRevision) {
        this(node, incarnation, roles, zone, host, port, featureLevel, 0, "", registrationRevision);
    }

    /** Returns whether Kafka clients can reach the node. */
    public boolean servesKafka() {
        return !kafka.isEmpty();
    }
}
