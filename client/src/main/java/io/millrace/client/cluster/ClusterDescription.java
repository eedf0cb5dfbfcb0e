package io.millrace.client.cluster;

import io.millrace.protocol.v1.DescribeClusterResponse;
import io.millrace.protocol.v1.NodeRole;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A cluster in the view of a node. Immutable.
 *
 * @param answeredBy the id of the responding node
 * @param nodes the live nodes, by id
 */
public record ClusterDescription(String cluster, String answeredBy, List<ClusterNode> nodes) {

    public ClusterDescription {
        nodes = List.copyOf(nodes);
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
                            each.getPort()));
        }
        return new ClusterDescription(answer.getCluster(), answer.getNodeId(), nodes);
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
