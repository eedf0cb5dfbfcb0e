package io.millrace.kafka.cluster;

import java.util.List;

/** Nodes of a test. */
public record FixedNodes(List<KafkaNode> live, int self) implements KafkaNodes {

    /** Three nodes in two zones. */
    public static final FixedNodes THREE =
            new FixedNodes(
                    List.of(
                            new KafkaNode(1, "n1", "h1", 9001, "a"),
                            new KafkaNode(2, "n2", "h2", 9002, "a"),
                            new KafkaNode(3, "n3", "h3", 9003, "b")),
                    2);
}
