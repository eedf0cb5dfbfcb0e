package io.millrace.metadata.membership;

import java.util.Locale;

/**
 * A Kafka listener, which nodes may have once each. The nodes that a client is led to are those
 * with the listener of its connection, at the addresses of that listener.
 */
public enum KafkaListener {
    /** The listener of clients in the network of the cluster. */
    INTERNAL,
    /** The listener of clients outside it. Only beside {@link #INTERNAL}. */
    EXTERNAL;

    /** Returns the name in metrics and logs. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
