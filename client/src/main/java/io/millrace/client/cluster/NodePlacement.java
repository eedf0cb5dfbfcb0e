package io.millrace.client.cluster;

import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.placement.Rendezvous;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Assignment of one role's partitions to nodes, as decided by a client. Immutable. */
sealed interface NodePlacement {

    /**
     * No node is available yet.
     *
     * @param why the reason, as a message for people
     */
    record Unplaced(String why) implements NodePlacement {}

    /**
     * All partitions are served at the address that responded, regardless of the node's advertised
     * address.
     */
    record Home() implements NodePlacement {}

    /** The partitions are spread over these nodes, by id. Never empty. */
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

        /** Returns the node of a partition: the same for all clients with the same nodes. */
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
