package io.millrace.kafka.cluster;

import io.millrace.metadata.membership.KafkaListener;
import java.util.List;
import java.util.Optional;

/**
 * The choice of the nodes that refusals name, so that clients use them without a look at the
 * metadata (KIP-951). Pure.
 *
 * @param nodes the live nodes
 */
public record CurrentLeaders(KafkaNodes nodes) {

    /**
     * Returns whether clients should use other nodes, because this one drains or has not
     * registered: others are live, and this one is not among them.
     */
    public boolean areElsewhere(KafkaListener listener) {
        List<KafkaNode> live = nodes.live(listener);
        int self = nodes.self();
        return !live.isEmpty() && live.stream().noneMatch(node -> node.number() == self);
    }

    /**
     * Returns the leader, possibly this node; empty if no node is live.
     *
     * @param listener the listener of the client
     * @param zone the zone of the client; empty if unknown
     */
    public Optional<KafkaNode> of(
            KafkaListener listener, Optional<String> zone, String topic, int partition) {
        return leader(nodes.live(listener), zone, topic, partition);
    }

    /**
     * Returns the leader once this node has stopped; empty if no other node is live.
     *
     * @param listener the listener of the client
     * @param zone the zone of the client; empty if unknown
     */
    public Optional<KafkaNode> successor(
            KafkaListener listener, Optional<String> zone, String topic, int partition) {
        int self = nodes.self();
        List<KafkaNode> others =
                nodes.live(listener).stream().filter(node -> node.number() != self).toList();
        return leader(others, zone, topic, partition);
    }

    private static Optional<KafkaNode> leader(
            List<KafkaNode> among, Optional<String> zone, String topic, int partition) {
        int leader = new LeaderPlacement(among, zone).of(topic, partition).leader();
        return among.stream().filter(node -> node.number() == leader).findFirst();
    }
}
