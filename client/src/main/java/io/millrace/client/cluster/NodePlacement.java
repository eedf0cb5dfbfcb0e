package io.millrace.client.cluster;

import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.placement.Rendezvous;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where the partitions of one role are served, as a client decided it. Immutable. */
sealed interface NodePlacement {

    /**
     * Nobody yet.
     *
     * @param why in words for people
     */
    record Nowhere(String why) implements NodePlacement {}

    /** All at the address that answers, whatever address its node believes to have. */
    record Home() implements NodePlacement {}

    /** Each at one of these nodes, by their ids. Never empty. */
    record Spread(Map<String, ClusterNode> nodes) implements NodePlacement {
        public Spread {
            if (nodes.isEmpty()) {
                throw new IllegalArgumentException("Nodes to spread over are missing");
            }
            nodes = Map.copyOf(nodes);
        }

        static Spread over(List<ClusterNode> nodes) {
            Map<String, ClusterNode> byId = new TreeMap<>();
            nodes.forEach(node -> byId.put(node.id(), node));
            return new Spread(byId);
        }

        /** The node of a partition: the same for all who know the same nodes. */
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
