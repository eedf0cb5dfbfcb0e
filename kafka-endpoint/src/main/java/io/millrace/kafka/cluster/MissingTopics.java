package io.millrace.kafka.cluster;

import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.kafka.wire.StreamedAnswer;
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
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The topics of a Metadata request that this node did not know when the request arrived. */
final class MissingTopics {

    /** Maximum number of topics that one request creates; the client requests the rest again. */
    private static final int MAX_CREATED = 100;

    private final Metadata metadata;
    private final TopicCreation creation;
    private final MetadataAnswer answer;

    MissingTopics(Metadata metadata, TopicCreation creation, MetadataAnswer answer) {
        this.metadata = metadata;
        this.creation = creation;
        this.answer = answer;
    }

    /** Adds the topics to the answer, after an entry that may have created them was applied. */
    CompletableFuture<StreamedAnswer> resolve(
            RequestContext context, MetadataRequestData request, Set<String> names, Set<Uuid> ids) {
        return metadata.barrier()
                .handle((current, failure) -> failure)
                .thenCompose(failure -> {
                    if (failure != null) {
                        names.forEach(name -> answer.addFailed(name, errorOf(failure)));
                        ids.forEach(id -> answer.addUnknown(id));
                        return CompletableFuture.completedFuture(answer);
                    }
                    ids.stream()
                            .filter(id -> !answer.addById(id))
                            .forEach(id -> answer.addUnknown(id));
                    return addNamed(context, request.allowAutoTopicCreation(), names);
                });
    }

    private CompletableFuture<StreamedAnswer> addNamed(
            RequestContext context, boolean mayCreate, Set<String> names) {
        List<CompletableFuture<?>> created = new ArrayList<>();
        for (String name : names) {
            if (answer.addNamed(name)) {
                continue;
            }
            if (!TopicName.isLegal(name)) {
                answer.addFailed(name, Errors.INVALID_TOPIC_EXCEPTION);
                continue;
            }
            Optional<CompletableFuture<Topic>> creating = Optional.empty();
            if (mayCreate && created.size() < MAX_CREATED) {
                if (!mayCreate(context, name)) {
                    answer.addFailed(name, Errors.TOPIC_AUTHORIZATION_FAILED);
                    continue;
                }
                creating = creation.create(name);
            }
            if (creating.isEmpty()) {
                answer.addFailed(name, Errors.UNKNOWN_TOPIC_OR_PARTITION);
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
            answer.add(topic);
            return true;
        }
        Errors error = failure == null ? Errors.UNKNOWN_SERVER_ERROR : errorOf(failure);
        if (error != Errors.TOPIC_ALREADY_EXISTS || !answer.addNamed(name)) {
            answer.addFailed(name, error);
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
