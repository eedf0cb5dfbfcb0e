package io.millrace.server.kafka;

import io.millrace.ingest.sequence.SequenceGaps;
import io.millrace.kafka.auth.SaslAuthenticateHandler;
import io.millrace.kafka.auth.SaslHandshakeHandler;
import io.millrace.kafka.cluster.ApiVersionsHandler;
import io.millrace.kafka.cluster.DescribeClusterHandler;
import io.millrace.kafka.cluster.MetadataHandler;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.ApiRegistry;
import io.millrace.kafka.fetch.FetchHandler;
import io.millrace.kafka.fetch.FetchLimits;
import io.millrace.kafka.fetch.KafkaFetchMetrics;
import io.millrace.kafka.fetch.ListOffsetsHandler;
import io.millrace.kafka.fetch.OffsetForLeaderEpochHandler;
import io.millrace.kafka.produce.DescribeProducersHandler;
import io.millrace.kafka.produce.InitProducerIdHandler;
import io.millrace.kafka.produce.ProduceHandler;
import io.millrace.kafka.security.SecurityApis;
import io.millrace.kafka.topic.TopicApis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The handlers of all APIs that a node offers to Kafka clients. */
public final class KafkaHandlers {

    /** Twice the time after which clients repeat a request without an answer (ADR 20). */
    private static final Duration GAP_PATIENCE = Duration.ofSeconds(60);

    private static final int MAX_GAPS = 10_000;

    private KafkaHandlers() {}

    /** Creates the handlers of a node. An API is offered if its handler is in this list. */
    public static ApiRegistry of(KafkaParts parts) {
        List<ApiHandler<?, ?>> handlers = new ArrayList<>();
        handlers.add(new SaslHandshakeHandler());
        handlers.add(new SaslAuthenticateHandler());
        handlers.addAll(cluster(parts));
        handlers.addAll(records(parts));
        handlers.addAll(parts.groups());
        handlers.addAll(
                TopicApis.of(
                        parts.metadata(),
                        parts.nodes(),
                        parts.ids(),
                        parts.config(),
                        parts.bucket()));
        handlers.addAll(SecurityApis.of(parts.metadata()));
        handlers.add(new ApiVersionsHandler(handlers, parts.nodes(), parts.ids()));
        return new ApiRegistry(handlers);
    }

    private static List<ApiHandler<?, ?>> cluster(KafkaParts parts) {
        return List.of(
                new MetadataHandler(parts.metadata(), parts.nodes(), parts.ids(), parts.creation()),
                new DescribeClusterHandler(parts.nodes(), parts.ids()));
    }

    private static List<ApiHandler<?, ?>> records(KafkaParts parts) {
        FetchLimits limits = FetchLimits.of(parts.unreadBytes());
        return List.of(
                new ProduceHandler(
                        parts.ingest(),
                        parts.loop(),
                        parts.metadata(),
                        parts.ids(),
                        parts.nodes(),
                        new SequenceGaps(GAP_PATIENCE, MAX_GAPS, parts.loop()::nanoTime),
                        parts.quotas()),
                new InitProducerIdHandler(parts.ingest(), parts.loop()),
                new DescribeProducersHandler(parts.metadata()),
                new FetchHandler(
                        parts.fetch(),
                        parts.metadata(),
                        parts.ids(),
                        parts.nodes(),
                        limits,
                        parts.quotas(),
                        parts.random()::nextInt,
                        new KafkaFetchMetrics(parts.registry(), limits)),
                new ListOffsetsHandler(parts.fetch(), parts.metadata()),
                new OffsetForLeaderEpochHandler(parts.metadata()));
    }
}
