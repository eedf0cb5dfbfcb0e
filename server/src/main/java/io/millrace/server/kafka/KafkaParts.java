package io.millrace.server.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.fetch.FetchNode;
import io.millrace.ingest.IngestNode;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.TopicCreation;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.topic.NodeConfig;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.quota.QuotaEnforcement;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The components of a node that the handlers of Kafka requests use.
 *
 * @param loop the owner of the metadata, the ingest node, the fetch node and the group coordinator
 * @param groups the handlers of group requests
 * @param unreadBytes the limit of bytes in answers that clients have not read
 * @param config the settings of this node that clients may read
 * @param bucket the address of the bucket
 */
public record KafkaParts(
        EventLoop loop,
        Metadata metadata,
        TopicAdmin topics,
        TopicCreation creation,
        TopicIds ids,
        KafkaNodes nodes,
        IngestNode ingest,
        FetchNode fetch,
        List<ApiHandler<?, ?>> groups,
        QuotaEnforcement quotas,
        RandomGenerator random,
        long unreadBytes,
        NodeConfig config,
        String bucket,
        MeterRegistry registry) {}
