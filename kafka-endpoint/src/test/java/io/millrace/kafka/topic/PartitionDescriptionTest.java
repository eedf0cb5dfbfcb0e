package io.millrace.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartitionDescriptionTest {

    private AdministeredCluster cluster = new AdministeredCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private DescribeTopicPartitionsResponseData page(
            @Nullable Cursor cursor, int limit, String... topics) {
        return cluster.call(
                ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                new DescribeTopicPartitionsRequestData()
                        .setTopics(
                                List.of(topics).stream()
                                        .map(name -> new TopicRequest().setName(name))
                                        .toList())
                        .setResponsePartitionLimit(limit)
                        .setCursor(cursor),
                DescribeTopicPartitionsResponseData.class);
    }

    /** Reads all pages and returns each partition as topic and number. */
    private List<String> all(int limit, String... topics) {
        List<String> found = new ArrayList<>();
        Cursor cursor = null;
        do {
            DescribeTopicPartitionsResponseData page = page(cursor, limit, topics);
            int before = found.size();
            for (DescribeTopicPartitionsResponseTopic topic : page.topics()) {
                topic.partitions()
                        .forEach(partition ->
                                found.add(topic.name() + "-" + partition.partitionIndex()));
            }
            assertThat(found.size() - before).isLessThanOrEqualTo(limit);
            cursor =
                    page.nextCursor() == null
                            ? null
                            : new Cursor()
                                    .setTopicName(page.nextCursor().topicName())
                                    .setPartitionIndex(page.nextCursor().partitionIndex());
        } while (cursor != null);
        return found;
    }

    @Test
    void pagesTogetherHaveEveryPartitionOnce() {
        cluster.fixture.createTopic("b", 3);
        cluster.fixture.createTopic("a", 2);
        cluster.fixture.createTopic("c", 1);
        for (int limit = 1; limit < 8; limit++) {
            assertThat(all(limit))
                    .as("limit %d", limit)
                    .containsExactly("a-0", "a-1", "b-0", "b-1", "b-2", "c-0");
            assertThat(all(limit, "c", "a"))
                    .as("limit %d", limit)
                    .containsExactly("a-0", "a-1", "c-0");
        }
    }

    @Test
    void aCursorMustBeAtARequestedTopic() {
        cluster.fixture.createTopic("a", 2);
        cluster.fixture.createTopic("b", 1);
        Cursor negative = new Cursor().setTopicName("a").setPartitionIndex(-1);
        Cursor elsewhere = new Cursor().setTopicName("b").setPartitionIndex(0);

        for (Cursor illegal : List.of(negative, elsewhere)) {
            assertThat(page(illegal, 10, "a").topics())
                    .extracting(topic -> Errors.forCode(topic.errorCode()))
                    .containsExactly(Errors.INVALID_REQUEST);
        }
        assertThat(page(negative, 10).topics()).isEmpty();
    }

    @Test
    void describesLeadersAndIds() {
        Topic topic = cluster.fixture.createTopic("t", 1);

        DescribeTopicPartitionsResponseTopic described =
                page(null, 10, "t").topics().iterator().next();

        assertThat(described.topicId()).isEqualTo(AdministeredCluster.IDS.of(topic));
        assertThat(described.topicAuthorizedOperations()).isPositive();
        assertThat(described.partitions().getFirst().leaderId()).isBetween(1, 3);
        assertThat(described.partitions().getFirst().leaderEpoch()).isEqualTo(1);
        assertThat(described.partitions().getFirst().replicaNodes()).hasSize(2);
    }

    @Test
    void requestedTopicsMustExist() {
        assertThat(page(null, 10, "none", "in valid").topics())
                .extracting(topic -> Errors.forCode(topic.errorCode()))
                .containsExactly(Errors.INVALID_TOPIC_EXCEPTION, Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void topicsThatTheClientMayNotSeeAreLeftOut() {
        cluster.close();
        cluster = AdministeredCluster.secured();
        cluster.fixture.createTopic("a", 1);
        cluster.fixture.createTopic("b", 1);
        cluster.allow(Operation.DESCRIBE, ResourceType.TOPIC, "b");

        assertThat(all(10)).containsExactly("b-0");
        assertThat(page(null, 10, "a").topics())
                .extracting(topic -> Errors.forCode(topic.errorCode()))
                .containsExactly(Errors.TOPIC_AUTHORIZATION_FAILED);
    }

    private DescribeLogDirsResponseData logDirs(DescribeLogDirsRequestData request) {
        return cluster.call(ApiKeys.DESCRIBE_LOG_DIRS, request, DescribeLogDirsResponseData.class);
    }

    @Test
    void theBucketIsTheLogDirectory() {
        Topic topic = cluster.fixture.createTopic("t", 40);
        cluster.fixture.createTopic("u", 1);
        for (int partition = 0; partition < 40; partition++) {
            cluster.append(topic, partition, 1);
        }
        DescribeLogDirsRequestData request = new DescribeLogDirsRequestData();
        request.topics()
                .add(new DescribableLogDirTopic().setTopic("t").setPartitions(List.of(0, 1, 2)));

        DescribeLogDirsResponseData all = logDirs(new DescribeLogDirsRequestData().setTopics(null));

        assertThat(all.results()).singleElement().returns("s3://bucket", dir -> dir.logDir());
        // This node is one of two in its zone.
        assertThat(all.results().getFirst().topics().getFirst().partitions())
                .hasSizeBetween(10, 30)
                .extracting(DescribeLogDirsPartition::partitionSize)
                .containsOnly(100L);
        assertThat(logDirs(request).results().getFirst().topics())
                .allMatch(found -> found.name().equals("t") && found.partitions().size() <= 3);
    }

    @Test
    void theRightToDescribeTheClusterIsNeeded() {
        cluster.close();
        cluster = AdministeredCluster.secured();

        assertThat(logDirs(new DescribeLogDirsRequestData().setTopics(null)).errorCode())
                .isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(reassignments().errorCode())
                .isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
    }

    private ListPartitionReassignmentsResponseData reassignments() {
        return cluster.call(
                ApiKeys.LIST_PARTITION_REASSIGNMENTS,
                new ListPartitionReassignmentsRequestData(),
                ListPartitionReassignmentsResponseData.class);
    }

    @Test
    void thereAreNoReassignments() {
        assertThat(reassignments().errorCode()).isZero();
        assertThat(reassignments().topics()).isEmpty();
    }
}
