package io.millrace.simulation.workload;

import com.google.protobuf.ByteString;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import java.util.List;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Produce requests with one batch. */
final class KafkaBatches {

    private static final int TIMEOUT_MS = 30_000;

    private KafkaBatches() {}

    static ProduceRequestData request(PartitionName place, ByteString batch) {
        TopicProduceDataCollection topics = new TopicProduceDataCollection();
        topics.add(
                new TopicProduceData()
                        .setName(place.topic())
                        .setPartitionData(
                                List.of(
                                        new PartitionProduceData()
                                                .setIndex(place.partition())
                                                .setRecords(
                                                        MemoryRecords.readableRecords(
                                                                batch.asReadOnlyByteBuffer())))));
        return new ProduceRequestData()
                .setAcks((short) -1)
                .setTimeoutMs(TIMEOUT_MS)
                .setTopicData(topics);
    }

    static PartitionProduceResponse decision(ProduceResponseData answer) {
        return answer.responses().iterator().next().partitionResponses().getFirst();
    }
}
