package io.millrace.client.cluster;

import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.placement.Rendezvous;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The assignment of a role's partitions to nodes. Immutable. */
sealed interface NodePlacement {

    record Unplaced(String why) implements NodePlacement {}

    /** All partitions are served at the address that responded, not at an advertised address. */
    record Home() implements NodePlacement {}

    record Spread(Map<String, ClusterNode> nodes) implements NodePlacement {
        public Spread {
            if (nodes.isEmpty()) {
                throw new IllegalArgumentException("A placement must have nodes");
            }
            nodes = Map.copyOf(nodes);
        }

        static Spread over(List<ClusterNode> nodes) {
            Map<String, ClusterNode> byId = new TreeMap<>();
            nodes.forEach(node -> byId.put(node.id(), node));
            return new Spread(byId);
        }

        /** Returns the same node for all clients with the same nodes. */
        ClusterNode nodeOf(TopicPartition partition) {
            String key = Rendezvous.keyOf(partition.topic(), partition.partition());
            String id = Rendezvous.first(nodes.keySet(), key).orElseThrow();
            ClusterNode node = nodes.get(id);
            if (node == null) {
                throw new IllegalStateException(id);
            }
            return node;
        }
    }
}
