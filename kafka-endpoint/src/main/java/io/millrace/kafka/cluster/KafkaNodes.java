package io.millrace.kafka.cluster;

import java.util.List;

/** The live nodes that serve Kafka clients, in the view of this node. Any thread. */
public interface KafkaNodes {

    /** Returns the nodes by number. The same object while the nodes are the same. */
    List<KafkaNode> live();

    /** Returns the number of this node; -1 while it has none. */
    int self();
}
