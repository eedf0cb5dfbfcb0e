package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Changes the settings of topics; settings of nodes are refused. Any thread. */
final class SettingChanges {

    private final Metadata metadata;
    private final TopicAdmin topics;
    private final KafkaNodes nodes;

    SettingChanges(Metadata metadata, TopicAdmin topics, KafkaNodes nodes) {
        this.metadata = metadata;
        this.topics = topics;
        this.nodes = nodes;
    }

    /**
     * A requested change of one resource.
     *
     * @param violation the reason to refuse the change for any topic
     * @param change the change for a topic
     */
    record Request(
            ConfigResource resource,
            Optional<ApiFailure> violation,
            Function<Topic, SettingChange> change) {}

    /** The result of a change; without a failure, the change is applied, or valid. */
    record Result(ConfigResource resource, Optional<ApiFailure> failure) {}

    /** Executes each request, or only validates it; a resource that is named twice is refused. */
    CompletableFuture<List<Result>> execute(
            RequestContext context, List<Request> requests, boolean validateOnly) {
        Map<ConfigResource, Integer> counts = new HashMap<>();
        requests.forEach(request -> counts.merge(request.resource(), 1, Integer::sum));
        List<CompletableFuture<Result>> results = new ArrayList<>();
        for (Request request : requests) {
            boolean repeated = counts.getOrDefault(request.resource(), 0) > 1;
            results.add(execute(context, request, repeated, validateOnly));
        }
        return LoopCalls.all(results);
    }

    private CompletableFuture<Result> execute(
            RequestContext context, Request request, boolean repeated, boolean validateOnly) {
        ConfigResource resource = request.resource();
        Optional<ApiFailure> refusal =
                repeated
                        ? Optional.of(ApiFailure.invalid("A resource may be named only once."))
                        : resource.refusal(context, Operation.ALTER_CONFIGS, nodes)
                                .or(request::violation);
        if (refusal.isEmpty() && resource.type() == ConfigResource.NODE) {
            refusal =
                    Optional.of(
                            ApiFailure.invalid(
                                    "Settings of nodes cannot be changed by a request: change their configuration and restart them."));
        }
        if (refusal.isPresent()) {
            refusal.get().counted(context);
            return CompletableFuture.completedFuture(new Result(resource, refusal));
        }
        return LoopCalls.call(
                        metadata.loop(),
                        () ->
                                topics.topic(resource.name())
                                        .thenCompose(topic ->
                                                apply(
                                                        topic,
                                                        request.change().apply(topic),
                                                        validateOnly)))
                .handle((applied, thrown) ->
                        new Result(
                                resource,
                                thrown == null
                                        ? Optional.empty()
                                        : Optional.of(ApiFailure.of(context, thrown))));
    }

    private CompletableFuture<Topic> apply(
            Topic topic, SettingChange change, boolean validateOnly) {
        return validateOnly
                ? CompletableFuture.completedFuture(
                        topic.with(topic.settings().with(change.set(), change.reset())))
                : topics.configure(topic.name(), change.set(), change.reset());
    }
}
