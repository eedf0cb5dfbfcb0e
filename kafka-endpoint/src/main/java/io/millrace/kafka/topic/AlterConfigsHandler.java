package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.TopicAdmin;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;

/** Replaces all settings of topics. */
public final class AlterConfigsHandler
        implements ApiHandler<AlterConfigsRequestData, AlterConfigsResponseData> {

    private final SettingChanges changes;

    public AlterConfigsHandler(Metadata metadata, TopicAdmin topics, KafkaNodes nodes) {
        this.changes = new SettingChanges(metadata, topics, nodes);
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ALTER_CONFIGS;
    }

    @Override
    public CompletableFuture<AlterConfigsResponseData> handle(
            RequestContext context, AlterConfigsRequestData request) {
        List<SettingChanges.Request> requests =
                request.resources().stream().map(AlterConfigsHandler::requestOf).toList();
        return changes.execute(context, requests, request.validateOnly())
                .thenApply(results ->
                        new AlterConfigsResponseData()
                                .setResponses(
                                        results.stream()
                                                .map(AlterConfigsHandler::toWire)
                                                .toList()));
    }

    private static SettingChanges.Request requestOf(AlterConfigsResource resource) {
        List<SettingChange.Operation> operations =
                resource.configs().stream()
                        .map(config ->
                                new SettingChange.Operation(
                                        config.name(), SettingChange.Operation.SET, config.value()))
                        .toList();
        Map<String, String> settings = new TreeMap<>();
        resource.configs()
                .forEach(config -> {
                    if (config.value() != null) {
                        settings.put(config.name(), config.value());
                    }
                });
        return new SettingChanges.Request(
                new ConfigResource(resource.resourceType(), resource.resourceName()),
                SettingChange.violation(operations),
                topic -> SettingChange.replacing(topic, settings));
    }

    private static AlterConfigsResourceResponse toWire(SettingChanges.Result result) {
        return new AlterConfigsResourceResponse()
                .setResourceType(result.resource().type())
                .setResourceName(result.resource().name())
                .setErrorCode(
                        result.failure().map(failure -> failure.error().code()).orElse((short) 0))
                .setErrorMessage(result.failure().map(ApiFailure::message).orElse(null));
    }
}
