package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Creates topics. Any replication factor is accepted, because the bucket replicates; answers name
 * the factor 1.
 */
public final class TopicCreationHandler
        implements ApiHandler<CreateTopicsRequestData, CreateTopicsResponseData> {

    private final Metadata metadata;
    private final TopicAdmin topics;
    private final TopicIds ids;
    private final int defaultPartitions;

    /**
     * @param defaultPartitions the number of partitions if a request names none
     */
    public TopicCreationHandler(
            Metadata metadata, TopicAdmin topics, TopicIds ids, int defaultPartitions) {
        this.metadata = metadata;
        this.topics = topics;
        this.ids = ids;
        this.defaultPartitions = defaultPartitions;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CREATE_TOPICS;
    }

    @Override
    public CompletableFuture<CreateTopicsResponseData> handle(
            RequestContext context, CreateTopicsRequestData request) {
        boolean mayCreateAny =
                context.allows(Operation.CREATE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
        List<CompletableFuture<CreatableTopicResult>> results = new ArrayList<>();
        for (CreatableTopic topic : request.topics()) {
            if (request.topics().findAll(topic.name()).size() > 1) {
                if (request.topics().find(topic.name()) == topic) {
                    results.add(
                            failed(
                                    context,
                                    topic.name(),
                                    ApiFailure.invalid(
                                            "The request names topic %s more than once."
                                                    .formatted(topic.name()))));
                }
            } else if (!mayCreateAny
                    && !context.authorize(Operation.CREATE, ResourceType.TOPIC, topic.name())) {
                results.add(
                        failed(
                                context,
                                topic.name(),
                                ApiFailure.denied(Errors.TOPIC_AUTHORIZATION_FAILED)));
            } else {
                results.add(create(context, topic, request.validateOnly()));
            }
        }
        return LoopCalls.all(results)
                .thenApply(all -> {
                    CreateTopicsResponseData answer = new CreateTopicsResponseData();
                    all.forEach(answer.topics()::add);
                    return answer;
                });
    }

    private CompletableFuture<CreatableTopicResult> create(
            RequestContext context, CreatableTopic requested, boolean validateOnly) {
        String name = requested.name();
        int partitions;
        Map<String, String> settings;
        try {
            settings = RequestedTopic.settings(requested);
            TopicSettings.parse(settings);
            partitions = RequestedTopic.partitions(requested, defaultPartitions);
        } catch (RequestedTopic.InvalidTopicException invalid) {
            return refused(context, name, invalid.failure());
        } catch (ProblemException invalid) {
            ApiFailure failure =
                    new ApiFailure(
                            KafkaErrors.of(invalid.problem().reason()),
                            invalid.problem().message());
            return refused(context, name, failure);
        }
        boolean mayDescribe = context.allows(Operation.DESCRIBE_CONFIGS, ResourceType.TOPIC, name);
        CompletableFuture<Topic> created =
                LoopCalls.call(
                        metadata.loop(),
                        () ->
                                validateOnly
                                        ? topics.checkCreation(name, partitions, settings)
                                                .thenApply(valid ->
                                                        imagined(name, partitions, settings))
                                        : topics.create(name, partitions, settings));
        return created.handle((topic, failure) ->
                failure == null
                        ? described(topic, mayDescribe)
                        : result(name, ApiFailure.of(context, failure)));
    }

    /**
     * Refuses a topic with an invalid field, unless its name is illegal or taken, which are the
     * first reasons.
     */
    private CompletableFuture<CreatableTopicResult> refused(
            RequestContext context, String name, ApiFailure invalid) {
        return LoopCalls.call(metadata.loop(), () -> topics.checkCreation(name, 1, Map.of()))
                .handle((free, failure) ->
                        result(
                                name,
                                failure == null
                                        ? invalid.counted(context)
                                        : ApiFailure.of(context, failure)));
    }

    /** Returns the topic that a creation would yield, without an id. */
    private static Topic imagined(String name, int partitions, Map<String, String> settings) {
        return new Topic(0, name, partitions, TopicSettings.parse(settings));
    }

    private CreatableTopicResult described(Topic topic, boolean mayDescribe) {
        CreatableTopicResult result =
                new CreatableTopicResult()
                        .setName(topic.name())
                        .setTopicId(topic.id() == 0 ? Uuid.ZERO_UUID : ids.of(topic));
        if (!mayDescribe) {
            return result.setTopicConfigErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code())
                    .setConfigs(null);
        }
        List<CreatableTopicConfigs> configs = new ArrayList<>();
        for (ConfigEntry entry : ConfigEntry.of(topic)) {
            configs.add(
                    new CreatableTopicConfigs()
                            .setName(entry.key())
                            .setValue(entry.value())
                            .setReadOnly(entry.readOnly())
                            .setConfigSource(entry.source().code()));
        }
        return result.setNumPartitions(topic.partitionCount())
                .setReplicationFactor((short) 1)
                .setConfigs(configs);
    }

    private static CompletableFuture<CreatableTopicResult> failed(
            RequestContext context, String name, ApiFailure failure) {
        return CompletableFuture.completedFuture(result(name, failure.counted(context)));
    }

    private static CreatableTopicResult result(String name, ApiFailure failure) {
        return new CreatableTopicResult()
                .setName(name)
                .setErrorCode(failure.error().code())
                .setErrorMessage(failure.message());
    }
}
