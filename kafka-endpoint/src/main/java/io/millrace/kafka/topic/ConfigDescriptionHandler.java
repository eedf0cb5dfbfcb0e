package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.topic.TopicSetting;
import io.millrace.protocol.acl.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.ApiKeys;

/** Describes the settings of topics and of this node. */
public final class ConfigDescriptionHandler
        implements ApiHandler<DescribeConfigsRequestData, DescribeConfigsResponseData> {

    private static final short FIRST_WITH_DOCUMENTATION = 3;

    private final Metadata metadata;
    private final TopicAdmin topics;
    private final KafkaNodes nodes;
    private final NodeConfig node;

    public ConfigDescriptionHandler(
            Metadata metadata, TopicAdmin topics, KafkaNodes nodes, NodeConfig node) {
        this.metadata = metadata;
        this.topics = topics;
        this.nodes = nodes;
        this.node = node;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_CONFIGS;
    }

    @Override
    public CompletableFuture<DescribeConfigsResponseData> handle(
            RequestContext context, DescribeConfigsRequestData request) {
        boolean withDocumentation =
                request.includeDocumentation() && context.version() >= FIRST_WITH_DOCUMENTATION;
        List<CompletableFuture<DescribeConfigsResult>> results = new ArrayList<>();
        for (DescribeConfigsResource resource : request.resources()) {
            results.add(
                    entries(context, resource)
                            .thenApply(entries ->
                                    described(
                                            resource,
                                            entries,
                                            request.includeSynonyms(),
                                            withDocumentation))
                            .exceptionally(
                                    thrown -> failed(resource, ApiFailure.of(context, thrown))));
        }
        return LoopCalls.all(results)
                .thenApply(all -> new DescribeConfigsResponseData().setResults(all));
    }

    private CompletableFuture<Entries> entries(
            RequestContext context, DescribeConfigsResource requested) {
        ConfigResource resource =
                new ConfigResource(requested.resourceType(), requested.resourceName());
        Optional<ApiFailure> refusal = resource.refusal(context, Operation.DESCRIBE_CONFIGS, nodes);
        if (refusal.isPresent()) {
            return CompletableFuture.completedFuture(
                    new Entries.Refused(refusal.get().counted(context)));
        }
        if (resource.type() == ConfigResource.NODE) {
            return CompletableFuture.completedFuture(
                    new Entries.Known(
                            resource.isOfAllNodes() ? List.of() : node.entries(nodes.self())));
        }
        return LoopCalls.call(metadata.loop(), () -> topics.topic(resource.name()))
                .thenApply(topic -> new Entries.Known(ConfigEntry.of(topic)));
    }

    /** The settings of a resource, or the reason why they are not told. */
    private sealed interface Entries {

        record Known(List<ConfigEntry> all) implements Entries {}

        record Refused(ApiFailure why) implements Entries {}
    }

    private static DescribeConfigsResult described(
            DescribeConfigsResource resource,
            Entries entries,
            boolean withSynonyms,
            boolean withDocumentation) {
        return switch (entries) {
            case Entries.Refused(ApiFailure why) -> failed(resource, why);
            case Entries.Known(List<ConfigEntry> all) -> {
                Set<String> wanted =
                        resource.configurationKeys() == null
                                ? Set.of()
                                : Set.copyOf(resource.configurationKeys());
                yield result(resource)
                        .setErrorMessage(null)
                        .setConfigs(
                                all.stream()
                                        .filter(entry ->
                                                wanted.isEmpty() || wanted.contains(entry.key()))
                                        .map(entry ->
                                                toWire(entry, withSynonyms, withDocumentation))
                                        .toList());
            }
        };
    }

    private static DescribeConfigsResult failed(DescribeConfigsResource resource, ApiFailure why) {
        return result(resource).setErrorCode(why.error().code()).setErrorMessage(why.message());
    }

    private static DescribeConfigsResult result(DescribeConfigsResource resource) {
        return new DescribeConfigsResult()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName());
    }

    private static DescribeConfigsResourceResult toWire(
            ConfigEntry entry, boolean withSynonyms, boolean withDocumentation) {
        return new DescribeConfigsResourceResult()
                .setName(entry.key())
                .setValue(entry.value())
                .setReadOnly(entry.readOnly())
                .setConfigSource(entry.source().code())
                .setIsSensitive(false)
                .setSynonyms(withSynonyms ? synonyms(entry) : List.of())
                .setConfigType(entry.type().code())
                .setDocumentation(withDocumentation ? entry.documentation() : null);
    }

    /** Returns where the value may come from, in the order of precedence. */
    private static List<DescribeConfigsSynonym> synonyms(ConfigEntry entry) {
        List<DescribeConfigsSynonym> synonyms = new ArrayList<>();
        entry.own().ifPresent(own -> synonyms.add(synonym(entry.key(), own, entry.ownSource())));
        String name = TopicSetting.withKey(entry.key()).map(NodeConfig::nameOf).orElse(entry.key());
        synonyms.add(synonym(name, entry.defaultValue(), ConfigEntry.Source.DEFAULT));
        return synonyms;
    }

    private static DescribeConfigsSynonym synonym(
            String name, String value, ConfigEntry.Source source) {
        return new DescribeConfigsSynonym().setName(name).setValue(value).setSource(source.code());
    }
}
