package io.millrace.server.kafka;

import io.millrace.kafka.auth.SaslAuthenticateHandler;
import io.millrace.kafka.auth.SaslHandshakeHandler;
import io.millrace.kafka.cluster.ApiVersionsHandler;
import io.millrace.kafka.cluster.DescribeClusterHandler;
import io.millrace.kafka.cluster.MetadataHandler;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.ApiRegistry;
import java.util.ArrayList;
import java.util.List;

/** The handlers of all APIs that a node offers to Kafka clients. */
public final class KafkaHandlers {

    private KafkaHandlers() {}

    /** Creates the handlers of a node. An API is offered if its handler is in this list. */
    public static ApiRegistry of(KafkaParts parts) {
        List<ApiHandler<?, ?>> handlers = new ArrayList<>();
        handlers.add(new SaslHandshakeHandler());
        handlers.add(new SaslAuthenticateHandler());
        handlers.addAll(cluster(parts));
        handlers.add(new ApiVersionsHandler(handlers));
        return new ApiRegistry(handlers);
    }

    private static List<ApiHandler<?, ?>> cluster(KafkaParts parts) {
        return List.of(
                new MetadataHandler(
                        parts.metadata(), parts.nodes(), parts.ids(), parts.creation()),
                new DescribeClusterHandler(parts.nodes(), parts.ids()));
    }
}
