package io.millrace.it.differential;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Requests and batches of the scenarios. */
final class Requests {

    private static final long TIME = 1_700_000_000_000L;

    private Requests() {}

    /** A place in a topic. */
    record Target(String topic, Uuid id, int partition) {
        static Target of(String topic, Uuid id) {
            return new Target(topic, id, 0);
        }
    }

    static ProduceRequestData produce(Target target, short acks, ByteBuffer records) {
        var request = new ProduceRequestData().setAcks(acks).setTimeoutMs(10_000);
        request.topicData()
                .add(
                        new ProduceRequestData.TopicProduceData()
                                .setName(target.topic())
                                .setTopicId(target.id())
                                .setPartitionData(
                                        List.of(
                                                new ProduceRequestData.PartitionProduceData()
                                                        .setIndex(target.partition())
                                                        .setRecords(
                                                                MemoryRecords.readableRecords(
                                                                        records)))));
        return request;
    }

    static FetchRequestData fetch(Target target, long offset, int minBytes, int maxBytes) {
        var request =
                new FetchRequestData()
                        .setMaxWaitMs(200)
                        .setMinBytes(minBytes)
                        .setMaxBytes(maxBytes)
                        .setSessionEpoch(-1);
        request.topics()
                .add(
                        new FetchRequestData.FetchTopic()
                                .setTopic(target.topic())
                                .setTopicId(target.id())
                                .setPartitions(
                                        List.of(
                                                new FetchRequestData.FetchPartition()
                                                        .setPartition(target.partition())
                                                        .setFetchOffset(offset)
                                                        .setPartitionMaxBytes(maxBytes))));
        return request;
    }

    static ListOffsetsRequestData listOffsets(Target target, long timestamp, byte isolation) {
        return new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setIsolationLevel(isolation)
                .setTopics(
                        List.of(
                                new ListOffsetsRequestData.ListOffsetsTopic()
                                        .setName(target.topic())
                                        .setPartitions(
                                                List.of(
                                                        new ListOffsetsRequestData
                                                                        .ListOffsetsPartition()
                                                                .setPartitionIndex(
                                                                        target.partition())
                                                                .setTimestamp(timestamp)))));
    }

    /** Returns records with keys, headers, nulls and times. */
    static SimpleRecord[] records() {
        return new SimpleRecord[] {
            new SimpleRecord(TIME, "key".getBytes(UTF_8), "first".getBytes(UTF_8)),
            new SimpleRecord(
                    TIME + 5_000,
                    null,
                    "second".getBytes(UTF_8),
                    new Header[] {
                        new RecordHeader("h", "v".getBytes(UTF_8)), new RecordHeader("n", null)
                    }),
            new SimpleRecord(TIME + 1_000, "key".getBytes(UTF_8), null),
            new SimpleRecord(TIME + 2_000, null, new byte[300]),
        };
    }

    static ByteBuffer batch(Compression compression) {
        return MemoryRecords.withRecords(compression, records()).buffer();
    }

    static ByteBuffer batch(String value) {
        return MemoryRecords.withRecords(
                        Compression.NONE, new SimpleRecord(TIME, value.getBytes(UTF_8)))
                .buffer();
    }

    static ByteBuffer idempotent(long producer, int epoch, int sequence, int count) {
        SimpleRecord[] records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) {
            records[i] = new SimpleRecord(TIME, ("at " + (sequence + i)).getBytes(UTF_8));
        }
        return MemoryRecords.withIdempotentRecords(
                        Compression.NONE, producer, (short) epoch, sequence, records)
                .buffer();
    }
}
