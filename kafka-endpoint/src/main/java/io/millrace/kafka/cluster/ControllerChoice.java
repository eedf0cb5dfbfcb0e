package io.millrace.kafka.cluster;

import java.util.List;

/**
 * The node that clients send administrative requests to. All nodes execute them, so a node names
 * itself, to which the client is connected.
 */
final class ControllerChoice {

    private ControllerChoice() {}

    /** Returns the number of a live node; -1 if there is none. */
    static int of(KafkaNodes nodes) {
        List<KafkaNode> live = nodes.live();
        int self = nodes.self();
        return live.isEmpty() || live.stream().anyMatch(node -> node.number() == self)
                ? self
                : live.getFirst().number();
    }
}
