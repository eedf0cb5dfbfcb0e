package io.millrace.kafka.cluster;

import io.millrace.metadata.membership.KafkaListener;
import java.util.List;

/** The live nodes that serve Kafka clients, in the view of this node. Any thread. */
public interface KafkaNodes {

    /**
     * Returns the nodes that have a listener, by number, at their addresses of this listener. The
     * same object while the nodes are the same.
     */
    List<KafkaNode> live(KafkaListener listener);

    /** Returns the number of this node; -1 while it has none. */
    int self();
}
