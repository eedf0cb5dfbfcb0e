package io.millrace.kafka.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.world.Batches;
import io.millrace.kafka.world.KafkaWorld;
import io.millrace.metadata.topic.Topic;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProduceHandlerTest {

    private static final int BY_NAME = 12;
    private static final int LATEST = 13;

    private final KafkaWorld world = new KafkaWorld();
    private final Topic topic = world.topic("orders", 4);

    @AfterEach
    void close() {
        world.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 8, 9, 12})
    void batchesOfAllVersionsGetOffsets(int version) {
        assertThat(produce(version, 0, Batches.of("a", "b")).baseOffset()).isZero();
        PartitionProduceResponse second = produce(version, 0, Batches.of("c"));
        assertThat(second.errorCode()).isZero();
        assertThat(second.baseOffset()).isEqualTo(2);
        assertThat(second.logAppendTimeMs()).isEqualTo(-1);
    }

    @Test
    void topicsAreNamedByIdInNewVersions() {
        ProduceRequestData byId = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1_000);
        byId.topicData()
                .add(
                        new TopicProduceData()
                                .setTopicId(world.id(topic))
                                .setPartitionData(
                                        List.of(
                                                new PartitionProduceData()
                                                        .setIndex(1)
                                                        .setRecords(Batches.of("a")))));
        byId.topicData()
                .add(
                        new TopicProduceData()
                                .setTopicId(new Uuid(7, 7))
                                .setPartitionData(
                                        List.of(
                                                new PartitionProduceData()
                                                        .setIndex(0)
                                                        .setRecords(Batches.of("a")))));
        ProduceResponseData answer =
                world.call(ApiKeys.PRODUCE, LATEST, byId, ProduceResponseData.class);
        assertThat(answer.responses().find("", world.id(topic)).partitionResponses().getFirst())
                .satisfies(stored -> {
                    assertThat(stored.errorCode()).isZero();
                    assertThat(stored.baseOffset()).isZero();
                });
        assertThat(
                        answer.responses()
                                .find("", new Uuid(7, 7))
                                .partitionResponses()
                                .getFirst()
                                .errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
    }

    @Test
    void batchesForATopicThatThisNodeLearnsOfStayInOrder() {
        Topic fresh = world.topicElsewhere("fresh", 1);
        for (int i = 0; i < 3; i++) {
            ProduceRequestData request =
                    new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1_000);
            request.topicData()
                    .add(
                            new TopicProduceData()
                                    .setTopicId(world.id(fresh))
                                    .setPartitionData(
                                            List.of(
                                                    new PartitionProduceData()
                                                            .setIndex(0)
                                                            .setRecords(Batches.of("v" + i)))));
            world.client.send(ApiKeys.PRODUCE, LATEST, request);
            world.loop.runReady();
        }
        world.pass(1_000);
        for (int i = 0; i < 3; i++) {
            assertThat(received(LATEST).baseOffset()).isEqualTo(i);
        }
    }

    @Test
    void requestsOfAConnectionAreStoredTogetherAndAnsweredInOrder() {
        for (int i = 0; i < 20; i++) {
            world.client.send(
                    ApiKeys.PRODUCE, BY_NAME, request(-1, Map.of(0, Batches.of("v" + i))));
        }
        world.pass(1_000);
        for (int i = 0; i < 20; i++) {
            assertThat(received(BY_NAME).baseOffset()).isEqualTo(i);
        }
    }

    @Test
    void aWrongChecksumIsACorruptMessage() {
        assertThat(error(Batches.with(Batches.of("abcdef"), 70, 0)))
                .isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @Test
    void recordsThatAreNotOneBatchOfMagicTwoAreInvalid() {
        assertThat(error(Batches.concat(Batches.of("a"), Batches.of("b"))))
                .isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(MemoryRecords.EMPTY)).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(Batches.with(Batches.of("a"), 16, 1))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(Batches.with(Batches.of("a"), 16, 9))).isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @Test
    void zstdNeedsAVersionThatHasIt() {
        assertThat(error(6, Batches.of(Compression.zstd().build(), "a")))
                .isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE);
        assertThat(error(7, Batches.of(Compression.zstd().build(), "a"))).isEqualTo(Errors.NONE);
    }

    @Test
    void transactionsAreRefused() {
        ProduceRequestData request = request(-1, Map.of(0, Batches.transactional(5, "a")));
        assertThat(answered(BY_NAME, request).errorCode())
                .isEqualTo(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code());
        request.setTransactionalId("mine");
        assertThat(answered(BY_NAME, request).errorCode())
                .isEqualTo(Errors.INVALID_PRODUCER_ID_MAPPING.code());
    }

    @Test
    void unknownTopicsPartitionsAndAcksAreErrors() {
        assertThat(errorOf(9, Batches.of("a"))).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(
                        Errors.forCode(
                                answered(BY_NAME, request(2, Map.of(0, Batches.of("a"))))
                                        .errorCode()))
                .isEqualTo(Errors.INVALID_REQUIRED_ACKS);
    }

    @Test
    void otherErrorsComeBeforeIllegalAcks() {
        assertThat(errorWithoutLegalAcks(0, Batches.of("a")))
                .isEqualTo(Errors.INVALID_REQUIRED_ACKS);
        assertThat(errorWithoutLegalAcks(9, Batches.of("a")))
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(errorWithoutLegalAcks(0, MemoryRecords.EMPTY)).isEqualTo(Errors.INVALID_RECORD);
        assertThat(errorWithoutLegalAcks(0, Batches.transactional(5, "a")))
                .isEqualTo(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    }

    private Errors errorWithoutLegalAcks(int partition, MemoryRecords records) {
        ProduceRequestData request = request(-2, Map.of(partition, records));
        return Errors.forCode(answered(BY_NAME, request).errorCode());
    }

    @Test
    void aRepeatedBatchGetsItsFirstOffset() {
        long producer = producerId();
        produce(BY_NAME, 0, Batches.idempotent(producer, 0, 0, "a", "b"));
        produce(BY_NAME, 0, Batches.idempotent(producer, 0, 2, "c"));
        PartitionProduceResponse repeated =
                produce(BY_NAME, 0, Batches.idempotent(producer, 0, 0, "a", "b"));
        assertThat(repeated.errorCode()).isZero();
        assertThat(repeated.baseOffset()).isZero();
    }

    @Test
    void aBatchAheadOfItsSequenceIsRepeatedUntilTheMissingOneArrives() {
        long producer = producerId();
        assertThat(error(Batches.idempotent(producer, 0, 1, "b")))
                .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
        assertThat(error(Batches.idempotent(producer, 0, 0, "a"))).isEqualTo(Errors.NONE);
        assertThat(error(Batches.idempotent(producer, 0, 1, "b"))).isEqualTo(Errors.NONE);
    }

    @Test
    void aGapThatStaysOpenIsOutOfOrder() {
        long producer = producerId();
        assertThat(error(Batches.idempotent(producer, 0, 1, "b")))
                .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
        world.pass(KafkaWorld.PATIENCE.toMillis() - 1_000);
        assertThat(error(Batches.idempotent(producer, 0, 1, "b")))
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void aNodeThatStopsNamesTheNextOne() {
        world.nodes.add(new KafkaNode(2, "two", "host-2", 9093, "b"));
        world.drain();
        ProduceResponseData answer =
                world.call(
                        ApiKeys.PRODUCE,
                        BY_NAME,
                        request(-1, Map.of(0, Batches.of("a"))),
                        ProduceResponseData.class);
        PartitionProduceResponse refused =
                answer.responses().iterator().next().partitionResponses().getFirst();
        assertThat(refused.errorCode()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
        assertThat(refused.currentLeader().leaderId()).isEqualTo(2);
        assertThat(answer.nodeEndpoints().find(2).host()).isEqualTo("host-2");
    }

    @Test
    void withoutAcksNothingIsAnsweredAndAnErrorClosesTheConnection() {
        world.client.send(ApiKeys.PRODUCE, BY_NAME, request(0, Map.of(0, Batches.of("a"))));
        world.pass(1_000);
        assertThat(world.client.receive(ApiKeys.PRODUCE, BY_NAME)).isEmpty();
        assertThat(produce(BY_NAME, 0, Batches.of("b")).baseOffset()).isEqualTo(1);
        world.client.send(ApiKeys.PRODUCE, BY_NAME, request(0, Map.of(9, Batches.of("a"))));
        world.pass(1_000);
        assertThat(world.client.channel().isOpen()).isFalse();
    }

    @Test
    void theAppendTimeIsNamedWhereTheTopicHasIt() {
        world.topic("timed", 1, Map.of("message.timestamp.type", "LogAppendTime"));
        ProduceRequestData request = request(-1, Map.of(0, Batches.of("a")));
        request.topicData().iterator().next().setName("timed");
        assertThat(answered(BY_NAME, request).logAppendTimeMs())
                .isBetween(world.nowMs() - 1_000, world.nowMs());
    }

    @Test
    void aRecordWithoutAKeyIsNamed() {
        world.topic("compacted", 1, Map.of("cleanup.policy", "compact"));
        ProduceRequestData request = request(-1, Map.of(0, Batches.of("a")));
        request.topicData().iterator().next().setName("compacted");
        PartitionProduceResponse refused = answered(BY_NAME, request);
        assertThat(refused.errorCode()).isEqualTo(Errors.INVALID_RECORD.code());
        assertThat(refused.recordErrors())
                .singleElement()
                .satisfies(error -> assertThat(error.batchIndex()).isZero());
    }

    @Test
    void producerIdsAreForIdempotentProducersOnly() {
        assertThat(producerId()).isNotEqualTo(producerId());
        assertThat(init(new InitProducerIdRequestData().setTransactionalId("mine")).errorCode())
                .isEqualTo(Errors.UNSUPPORTED_VERSION.code());
        assertThat(
                        init(new InitProducerIdRequestData()
                                        .setTransactionalId(null)
                                        .setProducerId(4))
                                .errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void theProducersOfAPartitionAreDescribed() {
        long producer = producerId();
        produce(BY_NAME, 1, Batches.idempotent(producer, 0, 0, "a", "b"));
        DescribeProducersRequestData request = new DescribeProducersRequestData();
        request.topics()
                .add(new TopicRequest().setName("orders").setPartitionIndexes(List.of(0, 1, 9)));
        List<DescribeProducersResponseData.PartitionResponse> described =
                world.call(
                                ApiKeys.DESCRIBE_PRODUCERS,
                                0,
                                request,
                                DescribeProducersResponseData.class)
                        .topics()
                        .getFirst()
                        .partitions();
        assertThat(described.get(0).activeProducers()).isEmpty();
        assertThat(described.get(1).activeProducers())
                .singleElement()
                .satisfies(state -> {
                    assertThat(state.producerId()).isEqualTo(producer);
                    assertThat(state.lastSequence()).isEqualTo(1);
                    assertThat(state.currentTxnStartOffset()).isEqualTo(-1);
                });
        assertThat(described.get(2).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    }

    private long producerId() {
        InitProducerIdResponseData answer =
                init(new InitProducerIdRequestData().setTransactionalId(null));
        assertThat(answer.errorCode()).isZero();
        return answer.producerId();
    }

    private InitProducerIdResponseData init(InitProducerIdRequestData request) {
        return world.call(ApiKeys.INIT_PRODUCER_ID, 5, request, InitProducerIdResponseData.class);
    }

    private Errors error(MemoryRecords records) {
        return error(BY_NAME, records);
    }

    private Errors error(int version, MemoryRecords records) {
        return Errors.forCode(produce(version, 0, records).errorCode());
    }

    private Errors errorOf(int partition, MemoryRecords records) {
        return Errors.forCode(produce(BY_NAME, partition, records).errorCode());
    }

    private PartitionProduceResponse produce(int version, int partition, MemoryRecords records) {
        return answered(version, request(-1, Map.of(partition, records)));
    }

    private PartitionProduceResponse answered(int version, ProduceRequestData request) {
        world.client.send(ApiKeys.PRODUCE, version, request);
        world.pass(1_000);
        return received(version);
    }

    private PartitionProduceResponse received(int version) {
        return world.receive(ApiKeys.PRODUCE, version, ProduceResponseData.class)
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .getFirst();
    }

    private static ProduceRequestData request(int acks, Map<Integer, MemoryRecords> partitions) {
        TopicProduceData topic = new TopicProduceData().setName("orders");
        partitions.forEach((partition, records) ->
                topic.partitionData()
                        .add(new PartitionProduceData().setIndex(partition).setRecords(records)));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) acks).setTimeoutMs(1_000);
        request.topicData().add(topic);
        return request;
    }
}
