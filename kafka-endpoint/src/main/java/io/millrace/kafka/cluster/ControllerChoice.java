package io.millrace.kafka.cluster;

import io.millrace.metadata.membership.KafkaListener;
import java.util.List;

/**
 * The node that clients send administrative requests to. All nodes execute them, so a node names
 * itself, to which the client is connected.
 */
final class ControllerChoice {

    private ControllerChoice() {}

    /** Returns the number of a live node with the listener; -1 if there is none. */
    static int of(KafkaNodes nodes, KafkaListener listener) {
        List<KafkaNode> live = nodes.live(listener);
        int self = nodes.self();
        return live.isEmpty() || live.stream().anyMatch(node -> node.number() == self)
                ? self
                : live.getFirst().number();
    }
}
