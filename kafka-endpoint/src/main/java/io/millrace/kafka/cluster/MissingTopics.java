package io.millrace.kafka.cluster;

import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicName;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The topics of a Metadata request that this node did not know when the request arrived. */
final class MissingTopics {

    /** Maximum number of topics that one request creates; the client requests the rest again. */
    private static final int MAX_CREATED = 100;

    private final Metadata metadata;
    private final TopicCreation creation;
    private final MetadataHandler.TopicAnswers topics;
    private final MetadataResponseData answer;

    MissingTopics(
            Metadata metadata,
            TopicCreation creation,
            MetadataHandler.TopicAnswers topics,
            MetadataResponseData answer) {
        this.metadata = metadata;
        this.creation = creation;
        this.topics = topics;
        this.answer = answer;
    }

    /** Adds the topics to the answer, after an entry that may have created them was applied. */
    CompletableFuture<MetadataResponseData> resolve(
            RequestContext context, MetadataRequestData request, Set<String> names, Set<Uuid> ids) {
        return metadata.barrier()
                .handle((current, failure) -> failure)
                .thenCompose(failure -> {
                    if (failure != null) {
                        names.forEach(name -> topics.add(answer, name, errorOf(failure)));
                        ids.forEach(id -> topics.addUnknown(answer, id));
                        return CompletableFuture.completedFuture(answer);
                    }
                    ids.stream()
                            .filter(id -> !topics.addById(answer, id))
                            .forEach(id -> topics.addUnknown(answer, id));
                    return addNamed(context, request.allowAutoTopicCreation(), names);
                });
    }

    private CompletableFuture<MetadataResponseData> addNamed(
            RequestContext context, boolean mayCreate, Set<String> names) {
        List<CompletableFuture<?>> created = new ArrayList<>();
        for (String name : names) {
            if (topics.addNamed(answer, name)) {
                continue;
            }
            if (!TopicName.isLegal(name)) {
                topics.add(answer, name, Errors.INVALID_TOPIC_EXCEPTION);
                continue;
            }
            Optional<CompletableFuture<Topic>> creating = Optional.empty();
            if (mayCreate && created.size() < MAX_CREATED) {
                if (!mayCreate(context, name)) {
                    topics.add(answer, name, Errors.TOPIC_AUTHORIZATION_FAILED);
                    continue;
                }
                creating = creation.create(name);
            }
            if (creating.isEmpty()) {
                topics.add(answer, name, Errors.UNKNOWN_TOPIC_OR_PARTITION);
            } else {
                created.add(creating.get().handle((topic, failure) -> add(name, topic, failure)));
            }
        }
        return CompletableFuture.allOf(created.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> answer);
    }

    private static boolean mayCreate(RequestContext context, String name) {
        return context.allows(Operation.CREATE, ResourceType.TOPIC, name)
                || context.authorize(
                        Operation.CREATE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
    }

    private boolean add(String name, @Nullable Topic topic, @Nullable Throwable failure) {
        if (topic != null) {
            return answer.topics().add(topics.describe(topic));
        }
        Errors error = failure == null ? Errors.UNKNOWN_SERVER_ERROR : errorOf(failure);
        if (error != Errors.TOPIC_ALREADY_EXISTS || !topics.addNamed(answer, name)) {
            topics.add(answer, name, error);
        }
        return true;
    }

    /** Returns the code that makes clients ask again if the metadata cannot be reached. */
    private static Errors errorOf(Throwable failure) {
        return FutureFailures.unwrap(failure) instanceof ProblemException known
                ? known.problem().reason() == Reason.METADATA_UNAVAILABLE
                        ? Errors.LEADER_NOT_AVAILABLE
                        : KafkaErrors.of(known.problem().reason())
                : Errors.UNKNOWN_SERVER_ERROR;
    }
}
