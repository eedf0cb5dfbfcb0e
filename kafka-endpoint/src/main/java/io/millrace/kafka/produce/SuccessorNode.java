package io.millrace.kafka.produce;

import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.LeaderPlacement;
import java.util.List;
import java.util.Optional;

/** The choice of the node that clients use for a partition once this node has stopped. Pure. */
record SuccessorNode(KafkaNodes nodes) {

    /**
     * @param zone the zone of the client; empty if unknown
     * @return empty if no other node is live
     */
    Optional<KafkaNode> of(Optional<String> zone, String topic, int partition) {
        int self = nodes.self();
        List<KafkaNode> others =
                nodes.live().stream().filter(node -> node.number() != self).toList();
        int leader = new LeaderPlacement(others, zone).of(topic, partition).leader();
        return others.stream().filter(node -> node.number() == leader).findFirst();
    }
}
