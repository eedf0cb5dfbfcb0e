package io.millrace.client.admin;

import io.millrace.client.cluster.AnyNodeCaller;
import io.millrace.client.connection.CallFailures;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.Producer;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.AddPartitionsRequest;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.ConfigureTopicRequest;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.DeleteTopicRequest;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.DescribeTopicResponse;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.protocol.v1.ListTopicsResponse;
import io.millrace.protocol.v1.PartitionTrim;
import io.millrace.protocol.v1.TopicSetting;
import io.millrace.protocol.v1.TrimTopicRequest;
import io.millrace.protocol.v1.TrimmedPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Administers topics. Thread-safe. Throws {@link MillraceException}s. */
public final class TopicOperations {

    /**
     * A topic.
     *
     * @param id the id, which is never reused, even if the topic is created again
     * @param partitionCount the number of partitions, at least 1
     * @param config the overridden settings, by key
     */
    public record Topic(String name, long id, int partitionCount, Map<String, String> config) {
        public Topic {
            config = java.util.Collections.unmodifiableMap(new TreeMap<>(config));
        }

        private static Topic of(io.millrace.protocol.v1.Topic topic) {
            return new Topic(
                    topic.getName(),
                    topic.getId(),
                    topic.getPartitionCount(),
                    topic.getConfigMap());
        }
    }

    /**
     * The state of a partition.
     *
     * @param sizeBytes the size of the partition's batches in the bucket
     */
    public record Partition(int number, long logStartOffset, long highWatermark, long sizeBytes) {}

    /**
     * A setting of a topic.
     *
     * @param given true if overridden for the topic
     * @param unit the unit of a number; may be empty
     * @param legal the allowed values, human-readable
     */
    public record Setting(
            String key,
            String value,
            boolean given,
            String defaultValue,
            String unit,
            String legal,
            String meaning) {}

    /**
     * A topic with its partitions and settings.
     *
     * @param settings all settings; empty if the server is older
     */
    public record Description(Topic topic, List<Partition> partitions, List<Setting> settings) {
        public Description {
            partitions = List.copyOf(partitions);
            settings = List.copyOf(settings);
        }
    }

    /**
     * The result of trimming a partition.
     *
     * @param logStartOffset the first readable offset; -1 with a problem
     * @param problem the reason for which nothing was deleted; empty on success
     */
    public record PartitionTrimResult(long logStartOffset, Optional<Problem> problem) {}

    private final AnyNodeCaller node;
    private final Duration timeout;

    public TopicOperations(AnyNodeCaller node, Duration timeout) {
        this.node = node;
        this.timeout = timeout;
    }

    public Topic create(String name, int partitions, Map<String, String> config) {
        return await(createAsync(name, partitions, config));
    }

    public CompletableFuture<Topic> createAsync(
            String name, int partitions, Map<String, String> config) {
        CreateTopicRequest request =
                CreateTopicRequest.newBuilder()
                        .setName(name)
                        .setPartitionCount(partitions)
                        .putAllConfig(config)
                        .build();
        return node.change(
                        AdminGrpc.getCreateTopicMethod(), request, timeout, "create topic " + name)
                .thenApply(response -> Topic.of(response.getTopic()));
    }

    /** Returns all topics, by name. */
    public List<Topic> list() {
        return await(listAsync());
    }

    public CompletableFuture<List<Topic>> listAsync() {
        List<Topic> topics = new ArrayList<>();
        return Pages.forEach(
                        token ->
                                node.query(
                                        AdminGrpc.getListTopicsMethod(),
                                        ListTopicsRequest.newBuilder().setPageToken(token).build(),
                                        timeout),
                        page -> page.getTopicsList().stream().map(Topic::of).forEach(topics::add),
                        ListTopicsResponse::getNextPageToken)
                .thenApply(done -> topics);
    }

    public Description describe(String name) {
        return await(describeAsync(name));
    }

    public CompletableFuture<Description> describeAsync(String name) {
        DescribeTopicResponse.Builder whole = DescribeTopicResponse.newBuilder();
        return Pages.forEach(
                        token ->
                                node.query(
                                        AdminGrpc.getDescribeTopicMethod(),
                                        DescribeTopicRequest.newBuilder()
                                                .setName(name)
                                                .setPageToken(token)
                                                .build(),
                                        timeout),
                        page -> {
                            var unused = whole.mergeFrom(page);
                        },
                        DescribeTopicResponse::getNextPageToken)
                .thenApply(done -> description(whole.build()));
    }

    private static Description description(DescribeTopicResponse response) {
        return new Description(
                Topic.of(response.getTopic()),
                response.getPartitionsList().stream()
                        .map(each ->
                                new Partition(
                                        each.getPartition(),
                                        each.getLogStartOffset(),
                                        each.getHighWatermark(),
                                        each.getSizeBytes()))
                        .toList(),
                response.getSettingsList().stream().map(TopicOperations::setting).toList());
    }

    private static Setting setting(TopicSetting setting) {
        return new Setting(
                setting.getKey(),
                setting.getValue(),
                setting.getOverridden(),
                setting.getDefaultValue(),
                setting.getUnit(),
                setting.getAllowedValues(),
                setting.getDescription());
    }

    /** Deletes a topic and its data. */
    public void delete(String name) {
        await(deleteAsync(name));
    }

    public CompletableFuture<Void> deleteAsync(String name) {
        DeleteTopicRequest request = DeleteTopicRequest.newBuilder().setName(name).build();
        return node.change(
                        AdminGrpc.getDeleteTopicMethod(), request, timeout, "delete topic " + name)
                .thenAccept(response -> {});
    }

    /**
     * Adds partitions. Keys may map to different partitions afterwards. A {@link Producer} that has
     * looked up the topic continues with the old partitions.
     *
     * @param count the new total number of partitions
     */
    public Topic addPartitions(String name, int count) {
        return await(addPartitionsAsync(name, count));
    }

    public CompletableFuture<Topic> addPartitionsAsync(String name, int count) {
        AddPartitionsRequest request =
                AddPartitionsRequest.newBuilder().setName(name).setPartitionCount(count).build();
        return node.change(
                        AdminGrpc.getAddPartitionsMethod(),
                        request,
                        timeout,
                        "add partitions to topic " + name)
                .thenApply(response -> Topic.of(response.getTopic()));
    }

    /**
     * Changes settings atomically. Settings not given keep their values, including concurrent
     * changes.
     *
     * @param set the new values by key; docs/configuration.md lists the keys
     * @param reset the keys to be reset to the defaults
     */
    public Topic configure(String name, Map<String, String> set, Set<String> reset) {
        return await(configureAsync(name, set, reset));
    }

    public CompletableFuture<Topic> configureAsync(
            String name, Map<String, String> set, Set<String> reset) {
        ConfigureTopicRequest request =
                ConfigureTopicRequest.newBuilder()
                        .setName(name)
                        .putAllSet(set)
                        .addAllReset(reset)
                        .build();
        return node.change(
                        AdminGrpc.getConfigureTopicMethod(),
                        request,
                        timeout,
                        "configure topic " + name)
                .thenApply(response -> Topic.of(response.getTopic()));
    }

    /**
     * Deletes the oldest records of partitions.
     *
     * @param offsets the first offset to keep for each partition, at most the high watermark;
     *     without effect at or below the log start offset
     */
    public Map<Integer, PartitionTrimResult> trim(String name, Map<Integer, Long> offsets) {
        return await(trimAsync(name, offsets));
    }

    public CompletableFuture<Map<Integer, PartitionTrimResult>> trimAsync(
            String name, Map<Integer, Long> offsets) {
        TrimTopicRequest.Builder request = TrimTopicRequest.newBuilder().setName(name);
        new TreeMap<>(offsets)
                .forEach((partition, offset) ->
                        request.addPartitions(
                                PartitionTrim.newBuilder()
                                        .setPartition(partition)
                                        .setOffset(offset)));
        return node.change(
                        AdminGrpc.getTrimTopicMethod(),
                        request.build(),
                        timeout,
                        "trim topic " + name)
                .thenApply(response -> {
                    Map<Integer, PartitionTrimResult> trimmed = new TreeMap<>();
                    response.getPartitionsList()
                            .forEach(each -> trimmed.put(each.getPartition(), trimmed(each)));
                    return trimmed;
                });
    }

    private static PartitionTrimResult trimmed(TrimmedPartition partition) {
        return new PartitionTrimResult(
                partition.getLogStartOffset(),
                partition.hasError()
                        ? Optional.of(CallFailures.problemOf(partition.getError()))
                        : Optional.empty());
    }

    private <T> T await(CompletableFuture<T> future) {
        return UnaryCalls.await(future, timeout.plusSeconds(1), "The request");
    }

    public static Problem noPartition(String topic, int partition, int count) {
        return new Problem(
                Reason.UNKNOWN_PARTITION,
                "Topic %s has no partition %d: it has 0 to %d."
                        .formatted(topic, partition, count - 1));
    }
}
