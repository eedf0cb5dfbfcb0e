package io.millrace.client.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.v1.ProduceRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReadyPartitionsTest {

    private static final DeliveryListener DEAF =
            new DeliveryListener() {
                @Override
                public void stored(ProduceResult batch, int index) {}

                @Override
                public void failed(MillraceException failure) {}
            };

    private final List<PartitionQueue> producerIdRequests = new ArrayList<>();
    private final List<MillraceException> unsendable = new ArrayList<>();
    private final ReadyPartitions turns =
            new ReadyPartitions(
                    false, producerIdRequests::add, (batch, why) -> unsendable.add(why));

    private static PartitionQueue partition(int number) {
        SequencedPartition sequenced =
                SequencedPartition.resumed(5, new ProducerIdAndEpoch(1, 0), 0);
        return new PartitionQueue(new TopicPartition("t", number), sequenced);
    }

    private static PendingBatch open(PartitionQueue partition, int valueBytes) {
        PendingBatch batch =
                new PendingBatch(
                        partition, 0, new BatchPayload.Encoded(new BatchWriter(valueBytes + 100)));
        batch.append(OutgoingRecord.of("t", null, new byte[valueBytes]), 1, valueBytes + 36, DEAF);
        partition.sequenced.add(batch);
        return batch;
    }

    private PendingBatch packed(PartitionQueue partition, int valueBytes) {
        PendingBatch batch = open(partition, valueBytes);
        batch.finish(CompressionCodec.NONE);
        turns.offer(partition);
        return batch;
    }

    private List<Integer> fill() {
        ReadyPartitions.@Nullable Message message = turns.nextMessage();
        return message == null
                ? List.of()
                : message.request().getRequestsList().stream()
                        .map(ProduceRequest::getPartition)
                        .toList();
    }

    @Test
    void eachPartitionGivesOneBatchAndGoesToTheEnd() {
        PartitionQueue first = partition(0);
        PartitionQueue second = partition(1);
        packed(first, 10);
        packed(first, 10);
        packed(second, 10);
        packed(second, 10);
        assertThat(fill()).containsExactly(0, 1, 0, 1);
        assertThat(fill()).isEmpty();
    }

    @Test
    void aMessageIsFullWithAMebibyte() {
        PartitionQueue first = partition(0);
        PartitionQueue second = partition(1);
        packed(first, 600_000);
        packed(first, 600_000);
        packed(second, 600_000);
        assertThat(fill()).containsExactly(0, 1);
        assertThat(fill()).containsExactly(0);
    }

    @Test
    void aBatchThatWouldMakeAMessageMuchTooLargeGetsItsOwn() {
        packed(partition(0), 10);
        packed(partition(1), 3_000_000);
        assertThat(fill()).containsExactly(0);
        assertThat(fill()).containsExactly(1);
    }

    @Test
    void aPartitionWaitsUntilItsFirstBatchIsPacked() {
        PartitionQueue partition = partition(0);
        PendingBatch batch = open(partition, 10);
        turns.offer(partition);
        assertThat(fill()).isEmpty();
        batch.finish(CompressionCodec.NONE);
        turns.takeUnfinished().forEach(turns::offer);
        assertThat(fill()).containsExactly(0);
    }

    @Test
    void aPartitionWithoutProducerIdRequestsOneAndHasNoTurn() {
        PartitionQueue partition =
                new PartitionQueue(new TopicPartition("t", 0), new SequencedPartition(true, 5));
        packed(partition, 10);
        assertThat(producerIdRequests).containsExactly(partition);
        assertThat(fill()).isEmpty();
    }

    @Test
    void aBatchThatNoTopicTakesIsNotSentAndThoseBehindItAre() {
        PartitionQueue partition = partition(0);
        packed(partition, 17 * 1024 * 1024);
        packed(partition, 10);
        assertThat(fill()).containsExactly(0);
        assertThat(unsendable)
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("too large");
    }

    @Test
    @SuppressWarnings("NullAway") // the only fault that encoding can be made to have
    void aBatchThatCannotBePackedFailsAndThoseBehindItAreSent() {
        PartitionQueue partition = partition(0);
        PendingBatch broken = open(partition, 10);
        assertThatThrownBy(() -> broken.finish(null)).isInstanceOf(NullPointerException.class);
        packed(partition, 10);
        assertThat(fill()).containsExactly(0);
        assertThat(unsendable)
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("could not be encoded");
    }
}
