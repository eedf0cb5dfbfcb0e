package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.TopicIds;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Deletes topics by name or id. */
public final class TopicDeletionHandler
        implements ApiHandler<DeleteTopicsRequestData, DeleteTopicsResponseData> {

    private static final short FIRST_WITH_IDS = 6;

    private final Metadata metadata;
    private final TopicAdmin topics;
    private final TopicIds ids;

    public TopicDeletionHandler(Metadata metadata, TopicAdmin topics, TopicIds ids) {
        this.metadata = metadata;
        this.topics = topics;
        this.ids = ids;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DELETE_TOPICS;
    }

    @Override
    public CompletableFuture<DeleteTopicsResponseData> handle(
            RequestContext context, DeleteTopicsRequestData request) {
        List<DeleteTopicState> requested =
                context.version() >= FIRST_WITH_IDS
                        ? request.topics()
                        : request.topicNames().stream()
                                .map(name -> new DeleteTopicState().setName(name))
                                .toList();
        return resolved(requested)
                .thenCompose(done -> LoopCalls.all(delete(context, requested)))
                .thenApply(results -> {
                    DeleteTopicsResponseData answer = new DeleteTopicsResponseData();
                    results.forEach(answer.responses()::add);
                    return answer;
                });
    }

    /** Returns after a barrier if a topic is unknown. */
    private CompletableFuture<Void> resolved(List<DeleteTopicState> requested) {
        boolean allKnown = requested.stream().allMatch(topic -> find(topic).isPresent());
        return allKnown
                ? CompletableFuture.completedFuture(null)
                : metadata.barrier().handle((current, failure) -> null);
    }

    private Optional<Topic> find(DeleteTopicState requested) {
        return requested.name() != null
                ? metadata.topics().named(requested.name())
                : ids.find(metadata.topics(), requested.topicId());
    }

    private List<CompletableFuture<DeletableTopicResult>> delete(
            RequestContext context, List<DeleteTopicState> requested) {
        Map<Object, Integer> counts = new HashMap<>();
        requested.forEach(topic -> counts.merge(keyOf(topic), 1, Integer::sum));
        List<CompletableFuture<DeletableTopicResult>> results = new ArrayList<>();
        for (DeleteTopicState topic : requested) {
            Integer count = counts.remove(keyOf(topic));
            if (count != null) {
                results.add(delete(context, topic, count > 1));
            }
        }
        return results;
    }

    /** Returns what tells topics apart, so that one named by its name and its id counts twice. */
    private Object keyOf(DeleteTopicState topic) {
        Optional<Topic> known = find(topic);
        if (known.isPresent()) {
            return known.get().id();
        }
        return topic.name() != null ? topic.name() : topic.topicId();
    }

    private CompletableFuture<DeletableTopicResult> delete(
            RequestContext context, DeleteTopicState requested, boolean repeated) {
        DeletableTopicResult result =
                new DeletableTopicResult()
                        .setName(requested.name())
                        .setTopicId(requested.topicId());
        Optional<Topic> topic = find(requested);
        Optional<ApiFailure> failure = failure(context, requested, topic, repeated);
        if (failure.isPresent() || topic.isEmpty()) {
            ApiFailure why = failure.orElseGet(() -> unknown(requested)).counted(context);
            return CompletableFuture.completedFuture(
                    result.setErrorCode(why.error().code()).setErrorMessage(why.message()));
        }
        Topic found = topic.get();
        return LoopCalls.call(metadata.loop(), () -> topics.delete(found.id()))
                .handle((deleted, thrown) -> {
                    result.setName(found.name()).setTopicId(ids.of(found));
                    if (thrown != null) {
                        ApiFailure why = ApiFailure.of(context, thrown);
                        result.setErrorCode(why.error().code()).setErrorMessage(why.message());
                    }
                    return result;
                });
    }

    private static Optional<ApiFailure> failure(
            RequestContext context,
            DeleteTopicState requested,
            Optional<Topic> topic,
            boolean repeated) {
        boolean named = requested.name() != null;
        boolean identified = !requested.topicId().equals(Uuid.ZERO_UUID);
        if (named == identified) {
            return Optional.of(
                    ApiFailure.invalid("A topic must be given either by name or by id."));
        }
        if (repeated) {
            return Optional.of(ApiFailure.invalid("The request names a topic more than once."));
        }
        if (!named && topic.isEmpty()) {
            return Optional.of(unknown(requested));
        }
        String name = named ? requested.name() : topic.orElseThrow().name();
        return context.authorize(Operation.DELETE, ResourceType.TOPIC, name)
                ? Optional.empty()
                : Optional.of(ApiFailure.denied(Errors.TOPIC_AUTHORIZATION_FAILED));
    }

    private static ApiFailure unknown(DeleteTopicState requested) {
        return requested.name() == null
                ? new ApiFailure(Errors.UNKNOWN_TOPIC_ID, "There is no topic with this id.")
                : new ApiFailure(
                        Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        "There is no topic %s.".formatted(requested.name()));
    }
}
