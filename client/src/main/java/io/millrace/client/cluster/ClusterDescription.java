package io.millrace.client.cluster;

import io.millrace.client.connection.ClientSettings;
import io.millrace.protocol.v1.DescribeClusterResponse;
import io.millrace.protocol.v1.NodeRole;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A cluster in the view of a node. Immutable.
 *
 * @param answeredBy the id of the responding node
 * @param nodes the live nodes, by id
 * @param featureLevel the feature level in force; 0 if unknown
 */
public record ClusterDescription(
        String cluster, String answeredBy, List<ClusterNode> nodes, int featureLevel) {

    public ClusterDescription {
        nodes = List.copyOf(nodes);
    }

    /** A cluster of unknown feature level. */
    public ClusterDescription(String cluster, String answeredBy, List<ClusterNode> nodes) {
        this(cluster, answeredBy, nodes, 0);
    }

    public static ClusterDescription of(DescribeClusterResponse answer) {
        List<ClusterNode> nodes = new ArrayList<>();
        for (io.millrace.protocol.v1.ClusterNode each : answer.getNodesList()) {
            nodes.add(
                    new ClusterNode(
                            each.getId(),
                            roles(each),
                            each.getZone(),
                            each.getHost(),
                            each.getPort(),
                            each.getFeatureLevel(),
                            each.getVersion(),
                            address(each.getKafkaHost(), each.getKafkaPort()),
                            address(each.getKafkaExternalHost(), each.getKafkaExternalPort())));
        }
        return new ClusterDescription(
                answer.getCluster(), answer.getNodeId(), nodes, answer.getFeatureLevel());
    }

    private static Optional<ClientSettings.Address> address(String host, int port) {
        return host.isEmpty()
                ? Optional.empty()
                : Optional.of(new ClientSettings.Address(host, port));
    }

    private static Set<ClusterNode.Role> roles(io.millrace.protocol.v1.ClusterNode node) {
        Set<ClusterNode.Role> roles = EnumSet.noneOf(ClusterNode.Role.class);
        for (NodeRole role : node.getRolesList()) {
            switch (role) {
                case INGEST -> roles.add(ClusterNode.Role.INGEST);
                case FETCH -> roles.add(ClusterNode.Role.FETCH);
                case COMPACTION -> roles.add(ClusterNode.Role.COMPACTION);
                case NODE_ROLE_UNSPECIFIED, UNRECOGNIZED -> {}
            }
        }
        return roles;
    }
}
