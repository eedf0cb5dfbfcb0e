package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.TopicAdmin;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;

/** Changes single settings of topics. */
public final class IncrementalAlterConfigsHandler
        implements ApiHandler<
                IncrementalAlterConfigsRequestData, IncrementalAlterConfigsResponseData> {

    private final SettingChanges changes;

    public IncrementalAlterConfigsHandler(Metadata metadata, TopicAdmin topics, KafkaNodes nodes) {
        this.changes = new SettingChanges(metadata, topics, nodes);
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.INCREMENTAL_ALTER_CONFIGS;
    }

    @Override
    public CompletableFuture<IncrementalAlterConfigsResponseData> handle(
            RequestContext context, IncrementalAlterConfigsRequestData request) {
        List<SettingChanges.Request> requests =
                request.resources().stream()
                        .map(IncrementalAlterConfigsHandler::requestOf)
                        .toList();
        return changes.execute(context, requests, request.validateOnly())
                .thenApply(results ->
                        new IncrementalAlterConfigsResponseData()
                                .setResponses(
                                        results.stream()
                                                .map(IncrementalAlterConfigsHandler::toWire)
                                                .toList()));
    }

    private static SettingChanges.Request requestOf(AlterConfigsResource resource) {
        List<SettingChange.Operation> operations =
                resource.configs().stream()
                        .map(config ->
                                new SettingChange.Operation(
                                        config.name(), config.configOperation(), config.value()))
                        .toList();
        return new SettingChanges.Request(
                new ConfigResource(resource.resourceType(), resource.resourceName()),
                SettingChange.violation(operations),
                topic -> SettingChange.of(topic, operations));
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
