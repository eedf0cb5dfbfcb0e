package io.millrace.kafka.fetch;

import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.LeaderPlacement;
import io.millrace.metadata.membership.KafkaListener;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The choice of a node in the rack of a consumer that has connected to a node of another zone.
 * Rates as Kafka's rack-aware replica selector does. For one request.
 */
final class PreferredReplica {

    private final @Nullable LeaderPlacement inRack;
    private final int self;

    /**
     * @param listener the listener of the consumer
     * @param rack the rack of the consumer; empty if unknown
     */
    PreferredReplica(KafkaNodes nodes, KafkaListener listener, String rack) {
        this.self = nodes.self();
        this.inRack = rack.isEmpty() ? null : placement(nodes.live(listener), self, rack);
    }

    private static @Nullable LeaderPlacement placement(
            List<KafkaNode> live, int self, String rack) {
        boolean isHere =
                live.stream().anyMatch(node -> node.number() == self && node.zone().equals(rack));
        boolean isElsewhere = live.stream().anyMatch(node -> node.zone().equals(rack));
        return isHere || !isElsewhere ? null : new LeaderPlacement(live, Optional.of(rack));
    }

    /** Returns the number of the node; empty if this node should serve the partition. */
    Optional<Integer> of(String topic, int partition) {
        if (inRack == null) {
            return Optional.empty();
        }
        int node = inRack.of(topic, partition).leader();
        return node < 0 || node == self ? Optional.empty() : Optional.of(node);
    }
}
