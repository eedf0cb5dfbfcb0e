package io.millrace.kafka.cluster;

import io.millrace.metadata.membership.KafkaListener;
import java.util.List;

/**
 * Nodes of a test.
 *
 * @param all the nodes at their internal addresses
 * @param external the nodes that have an external listener, at its addresses
 */
public record FixedNodes(List<KafkaNode> all, List<KafkaNode> external, int self)
        implements KafkaNodes {

    /** Three nodes in two zones, of which the first two have an external listener. */
    public static final FixedNodes THREE =
            new FixedNodes(
                    List.of(
                            new KafkaNode(1, "n1", "h1", 9001, "a"),
                            new KafkaNode(2, "n2", "h2", 9002, "a"),
                            new KafkaNode(3, "n3", "h3", 9003, "b")),
                    List.of(
                            new KafkaNode(1, "n1", "public-1", 9101, "a"),
                            new KafkaNode(2, "n2", "public-2", 9102, "a")),
                    2);

    @Override
    public List<KafkaNode> live(KafkaListener listener) {
        return switch (listener) {
            case INTERNAL -> all;
            case EXTERNAL -> external;
        };
    }
}
