package io.millrace.kafka.topic;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Raises the numbers of partitions of topics. */
public final class PartitionCreationHandler
        implements ApiHandler<CreatePartitionsRequestData, CreatePartitionsResponseData> {

    private final Metadata metadata;
    private final TopicAdmin topics;

    public PartitionCreationHandler(Metadata metadata, TopicAdmin topics) {
        this.metadata = metadata;
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CREATE_PARTITIONS;
    }

    @Override
    public CompletableFuture<CreatePartitionsResponseData> handle(
            RequestContext context, CreatePartitionsRequestData request) {
        List<CompletableFuture<CreatePartitionsTopicResult>> results = new ArrayList<>();
        for (CreatePartitionsTopic topic : request.topics()) {
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
            } else if (!context.authorize(Operation.ALTER, ResourceType.TOPIC, topic.name())) {
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
                .thenApply(all -> new CreatePartitionsResponseData().setResults(all));
    }

    private CompletableFuture<CreatePartitionsTopicResult> create(
            RequestContext context, CreatePartitionsTopic requested, boolean validateOnly) {
        String name = requested.name();
        return LoopCalls.call(metadata.loop(), () -> topics.topic(name))
                .thenCompose(topic -> {
                    Optional<ApiFailure> failure = failure(topic, requested);
                    if (failure.isPresent()) {
                        return failed(context, name, failure.get());
                    }
                    return validateOnly
                            ? CompletableFuture.completedFuture(ok(name))
                            : LoopCalls.call(
                                            metadata.loop(),
                                            () -> topics.addPartitions(name, requested.count()))
                                    .thenApply(grown -> ok(name));
                })
                .exceptionally(thrown -> result(name, ApiFailure.of(context, thrown)));
    }

    private static Optional<ApiFailure> failure(Topic topic, CreatePartitionsTopic requested) {
        int now = topic.partitionCount();
        if (requested.count() <= now) {
            return Optional.of(
                    new ApiFailure(
                            Errors.INVALID_PARTITIONS,
                            "Topic %s has %d partitions, and %d would not be more."
                                    .formatted(topic.name(), now, requested.count())));
        }
        if (requested.count() > TopicAdmin.MAX_PARTITIONS) {
            return Optional.of(
                    new ApiFailure(
                            Errors.INVALID_PARTITIONS,
                            "A topic can have at most %d partitions."
                                    .formatted(TopicAdmin.MAX_PARTITIONS)));
        }
        return requested.assignments() == null
                ? Optional.empty()
                : failure(requested.assignments(), requested.count() - now);
    }

    private static Optional<ApiFailure> failure(
            List<CreatePartitionsAssignment> assignments, int added) {
        if (assignments.size() != added) {
            return Optional.of(
                    new ApiFailure(
                            Errors.INVALID_REPLICA_ASSIGNMENT,
                            "There are %d assignments for %d new partitions."
                                    .formatted(assignments.size(), added)));
        }
        try {
            for (CreatePartitionsAssignment assignment : assignments) {
                RequestedTopic.requireReplicas(assignment.brokerIds());
            }
            return Optional.empty();
        } catch (RequestedTopic.InvalidTopicException invalid) {
            return Optional.of(invalid.failure());
        }
    }

    private static CreatePartitionsTopicResult ok(String name) {
        return new CreatePartitionsTopicResult().setName(name).setErrorMessage(null);
    }

    private static CompletableFuture<CreatePartitionsTopicResult> failed(
            RequestContext context, String name, ApiFailure failure) {
        return CompletableFuture.completedFuture(result(name, failure.counted(context)));
    }

    private static CreatePartitionsTopicResult result(String name, ApiFailure failure) {
        return new CreatePartitionsTopicResult()
                .setName(name)
                .setErrorCode(failure.error().code())
                .setErrorMessage(failure.message());
    }
}
