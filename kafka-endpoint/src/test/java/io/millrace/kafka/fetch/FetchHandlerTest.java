package io.millrace.kafka.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.world.Batches;
import io.millrace.kafka.world.KafkaWorld;
import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchHandlerTest {

    private static final int BY_NAME = 12;
    private static final int LATEST = 18;
    private static final int INITIAL = 0;
    private static final int FINAL = -1;

    private final KafkaWorld world = new KafkaWorld();
    private final Topic topic = world.topic("orders", 4);

    @AfterEach
    void close() {
        world.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6, 7, 11, 12})
    void allVersionsReadTheBatchesWithTheirOffsetsAndLeaderEpoch(int version) {
        produce(0, Batches.of("a", "b"));
        produce(0, Batches.of("c"));
        PartitionData read = only(fetch(version, request(Map.of(0, 0L))));
        assertThat(read.errorCode()).isZero();
        assertThat(Batches.read(read.records())).containsExactly("0:a", "1:b", "2:c");
        assertThat(read.highWatermark()).isEqualTo(3);
        for (RecordBatch batch : ((MemoryRecords) read.records()).batches()) {
            assertThat(batch.partitionLeaderEpoch()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(bytes = {-1, 2, Byte.MAX_VALUE})
    void isolationLevelsOtherThanKafkasAreErrors(byte level) {
        produce(0, Batches.of("a"));
        FetchResponseData byName = fetch(BY_NAME, request(Map.of(0, 0L)).setIsolationLevel(level));
        assertThat(byName.errorCode()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR.code());
        assertThat(byName.responses().getFirst().partitions().getFirst().errorCode())
                .isEqualTo(Errors.UNKNOWN_SERVER_ERROR.code());
        FetchResponseData byId =
                fetch(LATEST, byId(world.id(topic), 0, 0).setIsolationLevel(level));
        assertThat(byId.errorCode()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR.code());
        assertThat(byId.responses()).isEmpty();
    }

    @Test
    void topicsAreNamedByIdInNewVersions() {
        produce(0, Batches.of("a"));
        FetchResponseData answer = fetch(LATEST, byId(world.id(topic), 0, 0));
        assertThat(answer.responses().getFirst().topicId()).isEqualTo(world.id(topic));
        assertThat(Batches.read(only(answer).records())).containsExactly("0:a");
        assertThat(only(fetch(LATEST, byId(new Uuid(1, 1), 0, 0))).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
    }

    @Test
    void aFetchWaitsForRecords() {
        world.client.send(ApiKeys.FETCH, BY_NAME, request(Map.of(0, 0L)).setMaxWaitMs(30_000));
        world.pass(10_000);
        assertThat(world.client.receive(ApiKeys.FETCH, BY_NAME)).isEmpty();
        produceElsewhere("a");
        assertThat(Batches.read(only(received(BY_NAME)).records())).containsExactly("0:a");
    }

    @Test
    void aFetchWithoutRecordsEndsAfterItsWait() {
        world.client.send(ApiKeys.FETCH, BY_NAME, request(Map.of(0, 0L)).setMaxWaitMs(500));
        world.pass(499);
        assertThat(world.client.receive(ApiKeys.FETCH, BY_NAME)).isEmpty();
        world.pass(1);
        PartitionData nothing = only(received(BY_NAME));
        assertThat(nothing.errorCode()).isZero();
        assertThat(nothing.records().sizeInBytes()).isZero();
    }

    @Test
    void aFetchWaitsForItsMinimumOfBytes() {
        produce(0, Batches.of("a"));
        world.client.send(
                ApiKeys.FETCH,
                BY_NAME,
                request(Map.of(0, 0L)).setMinBytes(100).setMaxWaitMs(30_000));
        world.pass(1_000);
        assertThat(world.client.receive(ApiKeys.FETCH, BY_NAME)).isEmpty();
        produceElsewhere("b");
        assertThat(Batches.read(only(received(BY_NAME)).records())).containsExactly("0:a", "1:b");
    }

    @Test
    void theFirstBatchIsReadWhateverTheLimits() {
        produce(0, Batches.of("a".repeat(10_000)));
        FetchRequestData request = request(Map.of(0, 0L)).setMaxBytes(1);
        request.topics().getFirst().partitions().getFirst().setPartitionMaxBytes(1);
        assertThat(only(fetch(BY_NAME, request)).records().sizeInBytes()).isGreaterThan(10_000);
    }

    @Test
    void offsetsOutOfRangeAndUnknownPartitionsAreErrors() {
        produce(0, Batches.of("a"));
        assertThat(only(fetch(BY_NAME, request(Map.of(0, 2L)))).errorCode())
                .isEqualTo(Errors.OFFSET_OUT_OF_RANGE.code());
        assertThat(only(fetch(BY_NAME, request(Map.of(7, 0L)))).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        FetchRequestData unnamed = request(Map.of(0, 0L));
        unnamed.topics().getFirst().setTopic("");
        assertThat(only(fetch(BY_NAME, unnamed)).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    }

    @Test
    void leaderEpochsAreCompared() {
        FetchRequestData request = request(Map.of(0, 0L));
        FetchPartition partition = request.topics().getFirst().partitions().getFirst();
        partition.setCurrentLeaderEpoch(0);
        assertThat(only(fetch(BY_NAME, request)).errorCode())
                .isEqualTo(Errors.FENCED_LEADER_EPOCH.code());
        partition.setCurrentLeaderEpoch(2);
        assertThat(only(fetch(BY_NAME, request)).errorCode())
                .isEqualTo(Errors.UNKNOWN_LEADER_EPOCH.code());
        partition.setCurrentLeaderEpoch(1);
        assertThat(only(fetch(BY_NAME, request)).errorCode()).isZero();
    }

    @Test
    void aFencedEpochNamesTheLeader() {
        FetchRequestData request = byId(world.id(topic), 0, 0);
        request.topics().getFirst().partitions().getFirst().setCurrentLeaderEpoch(0);
        FetchResponseData answer = fetch(16, request);
        assertThat(only(answer).errorCode()).isEqualTo(Errors.FENCED_LEADER_EPOCH.code());
        assertThat(only(answer).currentLeader().leaderId()).isEqualTo(1);
        assertThat(only(answer).currentLeader().leaderEpoch()).isEqualTo(1);
        assertThat(answer.nodeEndpoints().find(1).host()).isEqualTo("host-1");
        FetchResponseData old = fetch(15, request);
        assertThat(only(old).currentLeader().leaderId()).isEqualTo(-1);
    }

    @Test
    void aNodeThatDrainsNamesTheNextOne() {
        produce(0, Batches.of("a"));
        leaveNode();
        FetchResponseData answer = fetch(LATEST, byId(world.id(topic), 0, 0));
        assertThat(only(answer).errorCode()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
        assertThat(only(answer).records().sizeInBytes()).isZero();
        assertThat(only(answer).currentLeader().leaderId()).isEqualTo(2);
        assertThat(answer.nodeEndpoints().find(2).port()).isEqualTo(9093);
    }

    @Test
    void aWaitingSessionLearnsOfADrainAfterItsWait() {
        Map<Integer, Long> all = Map.of(0, 0L, 1, 0L, 2, 0L, 3, 0L);
        int id = fetch(BY_NAME, session(0, INITIAL, all)).sessionId();
        fetch(BY_NAME, session(id, 1, Map.of()));
        world.client.send(ApiKeys.FETCH, BY_NAME, session(id, 2, Map.of()).setMaxWaitMs(500));
        world.pass(100);
        leaveNode();
        world.pass(400);
        assertThat(received(BY_NAME).responses().getFirst().partitions())
                .hasSize(4)
                .allMatch(moved -> moved.errorCode() == Errors.NOT_LEADER_OR_FOLLOWER.code());
    }

    /** Leaves node 2 as the only live one. */
    private void leaveNode() {
        world.nodes.clear();
        world.nodes.add(new KafkaNode(2, "two", "host-2", 9093, "b"));
    }

    @Test
    void aPositionBeyondTheEndOfItsEpochDiverges() {
        produce(0, Batches.of("a"));
        FetchRequestData request = request(Map.of(0, 1L));
        request.topics().getFirst().partitions().getFirst().setLastFetchedEpoch(1);
        assertThat(only(fetch(BY_NAME, request)).divergingEpoch().epoch()).isEqualTo(-1);
        request.topics().getFirst().partitions().getFirst().setFetchOffset(5);
        assertThat(only(fetch(BY_NAME, request)).divergingEpoch().endOffset()).isEqualTo(1);
    }

    @Test
    void zstdNeedsAVersionThatHasIt() {
        produce(0, Batches.of(Compression.zstd().build(), "a"));
        assertThat(only(fetch(9, request(Map.of(0, 0L)))).errorCode())
                .isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE.code());
        assertThat(Batches.read(only(fetch(10, request(Map.of(0, 0L)))).records()))
                .containsExactly("0:a");
    }

    @Test
    void aConsumerOfAnotherRackIsSentToItsRack() {
        world.nodes.add(new KafkaNode(2, "two", "host-2", 9093, "b"));
        produce(0, Batches.of("a"));
        PartitionData elsewhere = only(fetch(BY_NAME, request(Map.of(0, 0L)).setRackId("b")));
        assertThat(elsewhere.preferredReadReplica()).isEqualTo(2);
        assertThat(elsewhere.records().sizeInBytes()).isZero();
        assertThat(
                        only(fetch(BY_NAME, request(Map.of(0, 0L)).setRackId("a")))
                                .preferredReadReplica())
                .isEqualTo(-1);
        assertThat(
                        only(fetch(BY_NAME, request(Map.of(0, 0L)).setRackId("c")))
                                .preferredReadReplica())
                .isEqualTo(-1);
    }

    @Test
    void fetchesOfBrokersAreRefused() {
        assertThat(only(fetch(BY_NAME, request(Map.of(0, 0L)).setReplicaId(3))).errorCode())
                .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
    }

    @Test
    void aSessionAnswersOnlyWhatHasChanged() {
        produce(0, Batches.of("a"));
        FetchResponseData first = fetch(BY_NAME, session(0, INITIAL, Map.of(0, 0L, 1, 0L, 2, 0L)));
        assertThat(first.sessionId()).isNotZero();
        assertThat(partitions(first)).containsExactlyInAnyOrder(0, 1, 2);

        FetchResponseData same = fetch(BY_NAME, session(first.sessionId(), 1, Map.of(0, 1L)));
        assertThat(same.sessionId()).isEqualTo(first.sessionId());
        assertThat(partitions(same)).isEmpty();

        produce(2, Batches.of("b"));
        FetchResponseData news = fetch(BY_NAME, session(first.sessionId(), 2, Map.of()));
        assertThat(partitions(news)).containsExactly(2);
        assertThat(Batches.read(only(news).records())).containsExactly("0:b");
    }

    @Test
    void aWaitingSessionIsWokenByAnyOfItsPartitions() {
        Map<Integer, Long> all = Map.of(0, 0L, 1, 0L, 2, 0L, 3, 0L);
        int id = fetch(BY_NAME, session(0, INITIAL, all)).sessionId();
        fetch(BY_NAME, session(id, 1, Map.of()));
        world.client.send(ApiKeys.FETCH, BY_NAME, session(id, 2, Map.of()).setMaxWaitMs(30_000));
        world.pass(5_000);
        produceElsewhere("x");
        assertThat(partitions(received(BY_NAME))).containsExactly(0);
    }

    @Test
    void recordsThatWereReadAreReadAgainUntilThePositionMoves() {
        produce(0, Batches.of("a"));
        int id = fetch(BY_NAME, session(0, INITIAL, Map.of(0, 0L))).sessionId();
        assertThat(Batches.read(only(fetch(BY_NAME, session(id, 1, Map.of()))).records()))
                .containsExactly("0:a");
    }

    @Test
    void wrongSessionsAndEpochsAreErrorsOfTheRequest() {
        assertThat(fetch(BY_NAME, session(77, 1, Map.of())).errorCode())
                .isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND.code());
        int id = fetch(BY_NAME, session(0, INITIAL, Map.of(0, 0L))).sessionId();
        assertThat(fetch(BY_NAME, session(id, 2, Map.of())).errorCode())
                .isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH.code());
        assertThat(fetch(LATEST, session(id, 1, Map.of())).errorCode())
                .isEqualTo(Errors.FETCH_SESSION_TOPIC_ID_ERROR.code());
        fetch(BY_NAME, session(id, FINAL, Map.of()));
        assertThat(fetch(BY_NAME, session(id, 1, Map.of())).errorCode())
                .isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND.code());
    }

    @Test
    void aForgottenPartitionIsNoLongerRead() {
        int id = fetch(BY_NAME, session(0, INITIAL, Map.of(0, 0L, 1, 0L))).sessionId();
        FetchRequestData forget = session(id, 1, Map.of());
        forget.forgottenTopicsData()
                .add(
                        new FetchRequestData.ForgottenTopic()
                                .setTopic("orders")
                                .setPartitions(List.of(0)));
        fetch(BY_NAME, forget);
        produce(0, Batches.of("a"));
        assertThat(partitions(fetch(BY_NAME, session(id, 2, Map.of())))).isEmpty();
    }

    @Test
    void aDeletedTopicIsAnErrorInASession() {
        int id = fetch(BY_NAME, session(0, INITIAL, Map.of(0, 0L))).sessionId();
        fetch(BY_NAME, session(id, 1, Map.of()));
        world.delete(topic);
        assertThat(only(fetch(BY_NAME, session(id, 2, Map.of()))).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    }

    @Test
    void aSmallLimitServesAllPartitionsInTurn() {
        for (int partition = 0; partition < 4; partition++) {
            produce(partition, Batches.of("x".repeat(1_000)));
        }
        Map<Integer, Long> all = Map.of(0, 0L, 1, 0L, 2, 0L, 3, 0L);
        int id = fetch(BY_NAME, session(0, INITIAL, all).setMaxBytes(1)).sessionId();
        List<Integer> read = new ArrayList<>();
        for (int epoch = 1; epoch <= 4; epoch++) {
            fetch(BY_NAME, session(id, epoch, Map.of()).setMaxBytes(1)).responses().stream()
                    .flatMap(topics -> topics.partitions().stream())
                    .filter(each -> each.records().sizeInBytes() > 0)
                    .forEach(each -> read.add(each.partitionIndex()));
        }
        assertThat(read).containsExactlyInAnyOrder(0, 1, 2, 3);
    }

    @Test
    void aSessionOfManyPartitionsCostsThoseWithRecords() {
        Topic wide = world.topic("wide", 2_000);
        FetchRequestData all = session(0, INITIAL, Map.of());
        FetchTopic named = new FetchTopic().setTopic("wide");
        for (int partition = 0; partition < 2_000; partition++) {
            named.partitions().add(partition(partition, 0));
        }
        all.topics().add(named);
        int id = fetch(BY_NAME, all).sessionId();
        fetch(BY_NAME, session(id, 1, Map.of()));
        for (int partition = 0; partition < 10; partition++) {
            world.append(wide, partition * 100, Batches.of("a"));
        }
        FetchSession session = world.fetches.sessions().find(id, "User:ANONYMOUS").orElseThrow();
        assertThat(session.active()).hasSize(10);
        assertThat(partitions(fetch(BY_NAME, session(id, 2, Map.of())))).hasSize(10);
        assertThat(session.active()).hasSize(10);
    }

    @Test
    void aClientThatDoesNotReadItsAnswersWaits() {
        try (KafkaWorld small = new KafkaWorld(new FetchLimits(10, 100, 1 << 20, 100))) {
            Topic full = small.topic("orders", 1);
            small.append(full, 0, Batches.of("a".repeat(200)));
            small.client.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, false);
            for (int i = 0; i < 2; i++) {
                small.client.send(ApiKeys.FETCH, BY_NAME, request(Map.of(0, 0L)));
                small.pass(1_000);
            }
            assertThat(small.client.receive(ApiKeys.FETCH, BY_NAME)).isEmpty();
            Gauge unread = small.registry.get("millrace.kafka.outbound").gauge();
            assertThat(unread.value()).isGreaterThan(200);
            small.client.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, true);
            assertThat(
                            only(small.receive(ApiKeys.FETCH, BY_NAME, FetchResponseData.class))
                                    .records()
                                    .sizeInBytes())
                    .isGreaterThan(200);
            assertThat(
                            only(small.receive(ApiKeys.FETCH, BY_NAME, FetchResponseData.class))
                                    .records()
                                    .sizeInBytes())
                    .isZero();
            small.pass(1);
            assertThat(unread.value()).isZero();
        }
    }

    @Test
    void aClosedConnectionEndsItsWait() {
        world.client.send(ApiKeys.FETCH, BY_NAME, request(Map.of(0, 0L)).setMaxWaitMs(30_000));
        world.pass(1_000);
        assertThat(world.fetches.watch().size()).isEqualTo(1);
        world.client.close();
        world.pass(1);
        assertThat(world.fetches.watch().size()).isZero();
    }

    /** Appends to partition 0 while a fetch of the only client waits, and lets time pass. */
    private void produceElsewhere(String value) {
        world.append(topic, 0, Batches.of(value));
    }

    private void produce(int partition, MemoryRecords records) {
        world.append(topic, partition, records);
    }

    private FetchResponseData fetch(int version, FetchRequestData request) {
        return world.call(ApiKeys.FETCH, version, request, FetchResponseData.class);
    }

    private FetchResponseData received(int version) {
        return world.receive(ApiKeys.FETCH, version, FetchResponseData.class);
    }

    private static PartitionData only(FetchResponseData answer) {
        assertThat(answer.errorCode()).isZero();
        assertThat(answer.responses()).hasSize(1);
        assertThat(answer.responses().getFirst().partitions()).hasSize(1);
        return answer.responses().getFirst().partitions().getFirst();
    }

    private static List<Integer> partitions(FetchResponseData answer) {
        assertThat(answer.errorCode()).isZero();
        return answer.responses().stream()
                .flatMap(topics -> topics.partitions().stream())
                .map(PartitionData::partitionIndex)
                .toList();
    }

    private static FetchRequestData request(Map<Integer, Long> offsets) {
        return session(0, FINAL, offsets);
    }

    private static FetchRequestData session(int id, int epoch, Map<Integer, Long> offsets) {
        FetchRequestData request =
                new FetchRequestData()
                        .setMaxWaitMs(100)
                        .setMinBytes(1)
                        .setMaxBytes(1 << 20)
                        .setSessionId(id)
                        .setSessionEpoch(epoch);
        if (!offsets.isEmpty()) {
            FetchTopic topic = new FetchTopic().setTopic("orders");
            offsets.forEach(
                    (partition, offset) -> topic.partitions().add(partition(partition, offset)));
            request.topics().add(topic);
        }
        return request;
    }

    private static FetchRequestData byId(Uuid topicId, int partition, long offset) {
        FetchRequestData request = request(Map.of());
        request.topics()
                .add(
                        new FetchTopic()
                                .setTopicId(topicId)
                                .setPartitions(
                                        new ArrayList<>(List.of(partition(partition, offset)))));
        return request;
    }

    private static FetchPartition partition(int partition, long offset) {
        return new FetchPartition()
                .setPartition(partition)
                .setFetchOffset(offset)
                .setPartitionMaxBytes(1 << 20);
    }
}
