package io.millrace.kafka.cluster;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.AuthorizedOperations;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.kafka.wire.StreamedAnswer;
import io.millrace.metadata.Metadata;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Describes nodes and topics, with the leaders in the zone of the client. A topic that this node
 * does not know is looked up in the log's state as of the request, and created if the client and
 * the configuration allow that.
 */
public final class MetadataHandler implements ApiHandler<MetadataRequestData, StreamedAnswer> {

    private static final short FIRST_WITH_EMPTY_LIST = 1;
    private static final short FIRST_BY_ID = 12;
    private static final short FIRST_WITH_CLUSTER_OPERATIONS = 8;
    private static final short LAST_WITH_CLUSTER_OPERATIONS = 10;

    private final Metadata metadata;
    private final KafkaNodes nodes;
    private final TopicIds ids;
    private final TopicCreation creation;

    public MetadataHandler(
            Metadata metadata, KafkaNodes nodes, TopicIds ids, TopicCreation creation) {
        this.metadata = metadata;
        this.nodes = nodes;
        this.ids = ids;
        this.creation = creation;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.METADATA;
    }

    @Override
    public CompletableFuture<StreamedAnswer> handle(
            RequestContext context, MetadataRequestData request) {
        if (!isForAll(context, request) && !isLegal(context, request)) {
            return CompletableFuture.completedFuture(refused(context, request));
        }
        List<KafkaNode> live = nodes.live(context.listener());
        MetadataAnswer answer =
                new MetadataAnswer(
                        context,
                        metadata,
                        ids,
                        describeCluster(context, request, live),
                        live,
                        request.includeTopicAuthorizedOperations());
        if (isForAll(context, request)) {
            answer.addAll();
            return CompletableFuture.completedFuture(answer);
        }
        Set<String> missing = new LinkedHashSet<>();
        Set<Uuid> missingIds = new LinkedHashSet<>();
        for (MetadataRequestTopic topic : request.topics()) {
            // Clients leave the name empty when they name the id.
            if (topic.name() == null || !topic.topicId().equals(Uuid.ZERO_UUID)) {
                if (!answer.addById(topic.topicId())) {
                    missingIds.add(topic.topicId());
                }
            } else if (!answer.addNamed(topic.name())) {
                missing.add(topic.name());
            }
        }
        return missing.isEmpty() && missingIds.isEmpty()
                ? CompletableFuture.completedFuture(answer)
                : new MissingTopics(metadata, creation, answer)
                        .resolve(context, request, missing, missingIds);
    }

    private static boolean isForAll(RequestContext context, MetadataRequestData request) {
        return request.topics() == null
                || (request.topics().isEmpty() && context.version() < FIRST_WITH_EMPTY_LIST);
    }

    private static boolean isLegal(RequestContext context, MetadataRequestData request) {
        return context.version() >= FIRST_BY_ID
                || request.topics().stream()
                        .allMatch(topic ->
                                topic.name() != null && topic.topicId().equals(Uuid.ZERO_UUID));
    }

    /** Returns an answer without nodes. */
    private MetadataAnswer refused(RequestContext context, MetadataRequestData request) {
        context.failed(Errors.INVALID_REQUEST);
        MetadataAnswer answer =
                new MetadataAnswer(
                        context, metadata, ids, new MetadataResponseData(), List.of(), false);
        for (MetadataRequestTopic topic : request.topics()) {
            answer.addRefused(topic.name() == null ? "" : topic.name(), topic.topicId());
        }
        return answer;
    }

    private MetadataResponseData describeCluster(
            RequestContext context, MetadataRequestData request, List<KafkaNode> live) {
        MetadataResponseData answer =
                new MetadataResponseData()
                        .setClusterId(ids.clusterId())
                        .setControllerId(ControllerChoice.of(nodes, context.listener()));
        if (request.includeClusterAuthorizedOperations()
                && context.version() >= FIRST_WITH_CLUSTER_OPERATIONS
                && context.version() <= LAST_WITH_CLUSTER_OPERATIONS) {
            answer.setClusterAuthorizedOperations(AuthorizedOperations.ofCluster(context));
        }
        for (KafkaNode node : live) {
            answer.brokers()
                    .add(
                            new MetadataResponseBroker()
                                    .setNodeId(node.number())
                                    .setHost(node.host())
                                    .setPort(node.port())
                                    .setRack(node.zone().isEmpty() ? null : node.zone()));
        }
        return answer;
    }
}
