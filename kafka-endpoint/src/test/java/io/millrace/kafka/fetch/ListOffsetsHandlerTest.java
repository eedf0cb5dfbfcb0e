package io.millrace.kafka.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.kafka.world.Batches;
import io.millrace.kafka.world.KafkaWorld;
import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListOffsetsHandlerTest {

    private static final int LATEST_VERSION = 11;

    private final KafkaWorld world = new KafkaWorld();
    private final Topic topic = world.topic("orders", 2);

    @AfterEach
    void close() {
        world.close();
    }

    /** The batch has records of the times 1000 to 1002. */
    @ParameterizedTest
    @CsvSource({
        "-2, 0, -1",
        "-1, 3, -1",
        "-3, 2, 1002",
        "-4, 0, -1",
        "-5, -1, -1",
        "-6, -1, -1",
        "0, 0, 1000",
        "1001, 1, 1001",
        "1003, -1, -1"
    })
    void everyTimestampFindsItsOffset(long timestamp, long offset, long foundMs) {
        world.append(topic, 0, Batches.of("a", "b", "c"));
        ListOffsetsPartitionResponse found = list(LATEST_VERSION, 0, timestamp, -1);
        assertThat(found.errorCode()).isZero();
        assertThat(found.offset()).isEqualTo(offset);
        assertThat(found.timestamp()).isEqualTo(foundMs);
        assertThat(found.leaderEpoch()).isEqualTo(offset < 0 ? -1 : 1);
    }

    @Test
    void anEmptyPartitionHasNoLargestTimestamp() {
        assertThat(list(LATEST_VERSION, 0, -3, -1).offset()).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({"-3, 6", "-4, 7", "-5, 8", "-6, 10", "-7, 11"})
    void olderVersionsDoNotKnowSpecialTimestamps(long timestamp, int version) {
        assertThat(list(version, 0, timestamp, -1).errorCode())
                .isEqualTo(Errors.UNSUPPORTED_VERSION.code());
    }

    @Test
    void unknownPartitionsAndEpochsAreErrors() {
        assertThat(list(LATEST_VERSION, 5, -1, -1).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        assertThat(list(LATEST_VERSION, 0, -1, 0).errorCode())
                .isEqualTo(Errors.FENCED_LEADER_EPOCH.code());
        assertThat(list(LATEST_VERSION, 0, -1, 9).errorCode())
                .isEqualTo(Errors.UNKNOWN_LEADER_EPOCH.code());
    }

    @ParameterizedTest
    @CsvSource({"-1, -1", "0, 0", "1, 0", "2, -1", "127, -1"})
    void isolationLevelsOtherThanKafkasAreErrors(byte level, short code) {
        ListOffsetsRequestData request = request(0, -1, -1).setIsolationLevel(level);
        ListOffsetsPartitionResponse found =
                call(LATEST_VERSION, request).topics().getFirst().partitions().getFirst();
        assertThat(found.errorCode()).isEqualTo(code);
        assertThat(found.offset()).isEqualTo(code);
    }

    @Test
    void aPartitionThatIsNamedTwiceIsAnError() {
        ListOffsetsRequestData request = request(0, -1, -1);
        request.topics().getFirst().partitions().add(new ListOffsetsPartition().setTimestamp(-2));
        assertThat(call(LATEST_VERSION, request).topics().getFirst().partitions())
                .allMatch(each -> each.errorCode() == Errors.INVALID_REQUEST.code());
    }

    @Test
    void theEndOfALeaderEpochIsFound() {
        world.append(topic, 0, Batches.of("a", "b", "c"));
        assertThat(epochEnd(0, 1).leaderEpoch()).isEqualTo(1);
        assertThat(epochEnd(0, 1).endOffset()).isEqualTo(3);
        assertThat(epochEnd(0, 2).leaderEpoch()).isEqualTo(-1);
        assertThat(epochEnd(0, 2).endOffset()).isEqualTo(-1);
        assertThat(epochEnd(5, 1).errorCode()).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    }

    private EpochEndOffset epochEnd(int partition, int epoch) {
        OffsetForLeaderEpochRequestData request =
                new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        OffsetForLeaderTopic named = new OffsetForLeaderTopic().setTopic("orders");
        named.partitions()
                .add(
                        new OffsetForLeaderPartition()
                                .setPartition(partition)
                                .setCurrentLeaderEpoch(-1)
                                .setLeaderEpoch(epoch));
        request.topics().add(named);
        return world.call(
                        ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                        4,
                        request,
                        OffsetForLeaderEpochResponseData.class)
                .topics()
                .iterator()
                .next()
                .partitions()
                .getFirst();
    }

    private ListOffsetsPartitionResponse list(
            int version, int partition, long timestamp, int leaderEpoch) {
        return call(version, request(partition, timestamp, leaderEpoch))
                .topics()
                .getFirst()
                .partitions()
                .getFirst();
    }

    private ListOffsetsResponseData call(int version, ListOffsetsRequestData request) {
        return world.call(ApiKeys.LIST_OFFSETS, version, request, ListOffsetsResponseData.class);
    }

    private static ListOffsetsRequestData request(int partition, long timestamp, int leaderEpoch) {
        return new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(
                        List.of(
                                new ListOffsetsTopic()
                                        .setName("orders")
                                        .setPartitions(
                                                new ArrayList<>(
                                                        List.of(
                                                                new ListOffsetsPartition()
                                                                        .setPartitionIndex(
                                                                                partition)
                                                                        .setTimestamp(timestamp)
                                                                        .setCurrentLeaderEpoch(
                                                                                leaderEpoch))))));
    }
}
