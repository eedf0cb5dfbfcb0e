package io.millrace.kafka.cluster;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.AuthorizedOperations;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Describes nodes and topics, with the leaders in the zone of the client. A topic that this node
 * does not know is looked up in the log's state as of the request, and created if the client and
 * the configuration allow that.
 */
public final class MetadataHandler
        implements ApiHandler<MetadataRequestData, MetadataResponseData> {

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
    public CompletableFuture<MetadataResponseData> handle(
            RequestContext context, MetadataRequestData request) {
        MetadataResponseData answer = describeCluster(context, request);
        TopicAnswers topics = new TopicAnswers(context, request, metadata, nodes.live(), ids);
        if (isForAll(context, request)) {
            topics.addAll(answer);
            return CompletableFuture.completedFuture(answer);
        }
        if (!isLegal(context, request)) {
            context.failed(Errors.INVALID_REQUEST);
            request.topics().forEach(topic -> answer.topics().add(invalid(topic)));
            return CompletableFuture.completedFuture(answer);
        }
        Set<String> missing = new LinkedHashSet<>();
        Set<Uuid> missingIds = new LinkedHashSet<>();
        for (MetadataRequestTopic topic : request.topics()) {
            // Clients leave the name empty when they name the id.
            if (topic.name() == null || !topic.topicId().equals(Uuid.ZERO_UUID)) {
                if (!topics.addById(answer, topic.topicId())) {
                    missingIds.add(topic.topicId());
                }
            } else if (!topics.addNamed(answer, topic.name())) {
                missing.add(topic.name());
            }
        }
        return missing.isEmpty() && missingIds.isEmpty()
                ? CompletableFuture.completedFuture(answer)
                : new MissingTopics(metadata, creation, topics, answer)
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

    private static MetadataResponseTopic invalid(MetadataRequestTopic topic) {
        return new MetadataResponseTopic()
                .setName(topic.name() == null ? "" : topic.name())
                .setTopicId(topic.topicId())
                .setErrorCode(Errors.INVALID_REQUEST.code());
    }

    private MetadataResponseData describeCluster(
            RequestContext context, MetadataRequestData request) {
        MetadataResponseData answer =
                new MetadataResponseData()
                        .setClusterId(ids.clusterId())
                        .setControllerId(ControllerChoice.of(nodes));
        if (request.includeClusterAuthorizedOperations()
                && context.version() >= FIRST_WITH_CLUSTER_OPERATIONS
                && context.version() <= LAST_WITH_CLUSTER_OPERATIONS) {
            answer.setClusterAuthorizedOperations(AuthorizedOperations.ofCluster(context));
        }
        for (KafkaNode node : nodes.live()) {
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

    /** Describes topics for one request. */
    static final class TopicAnswers {

        private final RequestContext context;
        private final boolean withOperations;
        private final Metadata metadata;
        private final LeaderPlacement placement;
        private final TopicIds ids;

        TopicAnswers(
                RequestContext context,
                MetadataRequestData request,
                Metadata metadata,
                List<KafkaNode> nodes,
                TopicIds ids) {
            this.context = context;
            this.withOperations = request.includeTopicAuthorizedOperations();
            this.metadata = metadata;
            this.placement = new LeaderPlacement(nodes, context.zone());
            this.ids = ids;
        }

        void addAll(MetadataResponseData answer) {
            for (Topic topic : metadata.topics().all()) {
                if (mayDescribe(topic.name())) {
                    answer.topics().add(describe(topic));
                }
            }
        }

        /** Returns whether the topic is known, or hidden from the client. */
        boolean addNamed(MetadataResponseData answer, String name) {
            if (answer.topics().find(name) != null) {
                return true;
            }
            if (!context.authorize(Operation.DESCRIBE, ResourceType.TOPIC, name)) {
                add(answer, name, Errors.TOPIC_AUTHORIZATION_FAILED);
                return true;
            }
            Optional<Topic> topic = metadata.topics().named(name);
            topic.ifPresent(found -> answer.topics().add(describe(found)));
            return topic.isPresent();
        }

        /** Returns whether the topic is known. */
        boolean addById(MetadataResponseData answer, Uuid id) {
            Optional<Topic> topic = ids.find(metadata.topics(), id);
            topic.ifPresent(found -> {
                if (!mayDescribe(found.name())) {
                    addUnknown(answer, id);
                } else if (answer.topics().find(found.name()) == null) {
                    answer.topics().add(describe(found));
                }
            });
            return topic.isPresent();
        }

        void addUnknown(MetadataResponseData answer, Uuid id) {
            context.failed(Errors.UNKNOWN_TOPIC_ID);
            answer.topics()
                    .add(
                            new MetadataResponseTopic()
                                    .setName(null)
                                    .setTopicId(id)
                                    .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code()));
        }

        void add(MetadataResponseData answer, String name, Errors error) {
            context.failed(error);
            answer.topics()
                    .add(new MetadataResponseTopic().setName(name).setErrorCode(error.code()));
        }

        MetadataResponseTopic describe(Topic topic) {
            MetadataResponseTopic described =
                    new MetadataResponseTopic()
                            .setName(topic.name())
                            .setTopicId(ids.of(topic))
                            .setPartitions(
                                    PartitionAnswers.of(
                                            topic, placement, (int) metadata.generation()));
            if (withOperations) {
                described.setTopicAuthorizedOperations(
                        AuthorizedOperations.of(context, ResourceType.TOPIC, topic.name()));
            }
            return described;
        }

        private boolean mayDescribe(String name) {
            return context.allows(Operation.DESCRIBE, ResourceType.TOPIC, name);
        }
    }
}
