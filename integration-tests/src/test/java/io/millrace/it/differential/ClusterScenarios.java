package io.millrace.it.differential;

import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Requests that describe topics, partitions and nodes. */
final class ClusterScenarios {

    private ClusterScenarios() {}

    static void partitions(Side side) {
        side.createTopic("pages-a", 3);
        side.createTopic("pages-b", 2);
        side.createTopic("pages-c", 1);
        page(side, "all named", 2000, null, "pages-c", "pages-a", "pages-b");
        page(side, "named twice", 2000, null, "pages-a", "pages-a");
        for (int limit : new int[] {0, -1, 1, 2, 3, 4, 5, 6, Integer.MAX_VALUE}) {
            page(side, "limit " + limit, limit, null, "pages-a", "pages-b", "pages-c");
        }
        for (int partition : new int[] {0, 1, 2, 3, 4, Integer.MAX_VALUE}) {
            var cursor = new Cursor().setTopicName("pages-a").setPartitionIndex(partition);
            page(side, "from " + partition, 2, cursor, "pages-a", "pages-b");
        }
        page(
                side,
                "negative",
                2,
                new Cursor().setTopicName("pages-a").setPartitionIndex(-1),
                "pages-a");
        page(
                side,
                "from a topic that is not named",
                9,
                new Cursor().setTopicName("pages-b"),
                "pages-a",
                "pages-c");
        page(
                side,
                "from a missing topic",
                9,
                new Cursor().setTopicName("pages-bb"),
                "pages-a",
                "pages-c");
        page(side, "from no topic", 9, new Cursor().setTopicName(""), "pages-a");
        page(side, "from behind all", 9, new Cursor().setTopicName("z"), "pages-a");
        page(side, "list", 3, new Cursor().setTopicName("pages-a").setPartitionIndex(1));
        page(
                side,
                "list from a missing topic",
                2,
                new Cursor().setTopicName("pages-aa").setPartitionIndex(1));
        page(side, "missing", 9, null, "missing", "pages-a");
        page(side, "missing at the limit", 1, null, "missing", "pages-a");
        page(side, "missing past the limit", 1, null, "pages-c", "missing", "q");
        page(side, "illegal", 9, null, "a b", "pages-a");
        page(side, "empty name", 9, null, "", "pages-a");
    }

    private static void page(
            Side side, String label, int limit, @Nullable Cursor cursor, String... topics) {
        side.call(
                label,
                ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                0,
                new DescribeTopicPartitionsRequestData()
                        .setResponsePartitionLimit(limit)
                        .setCursor(cursor)
                        .setTopics(
                                Arrays.stream(topics)
                                        .map(name ->
                                                new DescribeTopicPartitionsRequestData
                                                                .TopicRequest()
                                                        .setName(name))
                                        .toList()));
    }

    static void directories(Side side) {
        side.createTopic("stored", 2);
        directory(
                side,
                "partitions",
                new DescribableLogDirTopic().setTopic("stored").setPartitions(List.of(0, 1)));
        directory(
                side,
                "one of them",
                new DescribableLogDirTopic().setTopic("stored").setPartitions(List.of(1)));
        directory(
                side,
                "twice",
                new DescribableLogDirTopic().setTopic("stored").setPartitions(List.of(1, 1)));
        directory(
                side,
                "no partition",
                new DescribableLogDirTopic().setTopic("stored").setPartitions(List.of()));
        directory(
                side,
                "missing partition",
                new DescribableLogDirTopic().setTopic("stored").setPartitions(List.of(2, -1)));
        directory(
                side,
                "missing topic",
                new DescribableLogDirTopic().setTopic("missing").setPartitions(List.of(0)));
        directory(
                side,
                "empty topic",
                new DescribableLogDirTopic().setTopic("").setPartitions(List.of(0)));
        directory(side, "nothing");
    }

    private static void directory(Side side, String label, DescribableLogDirTopic... topics) {
        side.each(
                "directory of " + label,
                ApiKeys.DESCRIBE_LOG_DIRS,
                v -> {
                    var request = new DescribeLogDirsRequestData();
                    Arrays.stream(topics).forEach(each -> request.topics().add(each.duplicate()));
                    return request;
                });
    }

    static void cluster(Side side) {
        side.each("nodes", ApiKeys.DESCRIBE_CLUSTER, v -> new DescribeClusterRequestData());
        side.each(
                "rights",
                ApiKeys.DESCRIBE_CLUSTER,
                v -> new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(true));
        for (byte type : new byte[] {-1, 0, 2, 3}) {
            for (int version = 1; version <= 2; version++) {
                side.call(
                        "endpoints " + type,
                        ApiKeys.DESCRIBE_CLUSTER,
                        version,
                        new DescribeClusterRequestData().setEndpointType(type));
            }
        }
        side.call(
                "fenced",
                ApiKeys.DESCRIBE_CLUSTER,
                2,
                new DescribeClusterRequestData().setIncludeFencedBrokers(true));
    }

    static void reassignments(Side side) {
        side.createTopic("reassigned", 1);
        reassignment(side, "all", null);
        reassignment(side, "nothing", List.of());
        reassignment(side, "topic", List.of(place("reassigned", 0)));
        reassignment(
                side,
                "missing partition",
                List.of(place("reassigned", 9), place("reassigned", -1)));
        reassignment(side, "missing", List.of(place("missing", 0), place("", 0)));
    }

    private static ListPartitionReassignmentsTopics place(String topic, int partition) {
        return new ListPartitionReassignmentsTopics()
                .setName(topic)
                .setPartitionIndexes(List.of(partition));
    }

    private static void reassignment(
            Side side, String label, @Nullable List<ListPartitionReassignmentsTopics> topics) {
        side.call(
                "reassignments of " + label,
                ApiKeys.LIST_PARTITION_REASSIGNMENTS,
                0,
                new ListPartitionReassignmentsRequestData().setTopics(topics).setTimeoutMs(30_000));
    }

    static void producers(Side side) {
        side.createTopic("produced", 2);
        producers(
                side,
                "none",
                new TopicRequest().setName("produced").setPartitionIndexes(List.of(0, 1)));
        producers(
                side,
                "repeated",
                new TopicRequest().setName("produced").setPartitionIndexes(List.of(0, 0)));
        producers(
                side,
                "missing partition",
                new TopicRequest().setName("produced").setPartitionIndexes(List.of(2, -1)));
        producers(
                side,
                "missing topic",
                new TopicRequest().setName("missing").setPartitionIndexes(List.of(0)));
        producers(
                side,
                "illegal topic",
                new TopicRequest().setName("a b").setPartitionIndexes(List.of(0)));
        producers(
                side,
                "empty topic",
                new TopicRequest().setName("").setPartitionIndexes(List.of(0)));
        producers(side, "no partition", new TopicRequest().setName("produced"));
        producers(side, "nothing");
    }

    private static void producers(Side side, String label, TopicRequest... topics) {
        var request = new DescribeProducersRequestData();
        request.topics().addAll(List.of(topics));
        side.call("producers: " + label, ApiKeys.DESCRIBE_PRODUCERS, 0, request);
    }
}
