package io.millrace.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.BatchWriter;
import io.millrace.protocol.batch.CompressionCodec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeliveryTimeoutsTest {

    private static final long MS = 1_000_000;

    private final DeliveryTimeouts deadlines = new DeliveryTimeouts(Duration.ofMillis(100));
    private final PartitionQueue partition =
            new PartitionQueue(new TopicPartition("t", 0), new SequencedPartition(true, 5));

    private PendingBatch batch(long createdMs) {
        PendingBatch batch =
                new PendingBatch(
                        partition, createdMs * MS, new BatchPayload.Encoded(new BatchWriter(256)));
        batch.finish(CompressionCodec.NONE);
        deadlines.add(batch);
        return batch;
    }

    @Test
    void theTimeOfABatchIsOverWhenTheTimeoutHasPassedSinceItsFirstRecord() {
        PendingBatch first = batch(0);
        batch(50);
        assertThat(deadlines.takeExpired(99 * MS)).isEmpty();
        assertThat(deadlines.takeExpired(100 * MS)).containsExactly(first);
        assertThat(deadlines.untilNext(100 * MS)).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void anOlderBatchThatCameLaterIsNotHeldUpByAYoungerOne() {
        PendingBatch young = batch(80);
        PendingBatch old = batch(0);
        assertThat(deadlines.untilNext(80 * MS)).isEqualTo(Duration.ofMillis(20));
        assertThat(deadlines.takeExpired(100 * MS)).containsExactly(old);
        assertThat(deadlines.takeExpired(180 * MS)).containsExactly(young);
    }

    @Test
    void settledBatchesAreForgotten() {
        PendingBatch settled = batch(0);
        PendingBatch open = batch(10);
        settled.fail(new MillraceException.Closed("over"));
        assertThat(deadlines.unsettled()).containsExactly(open);
        assertThat(deadlines.takeExpired(100 * MS)).isEmpty();
        open.fail(new MillraceException.Closed("over"));
        assertThat(deadlines.isEmpty()).isTrue();
    }

    @Test
    void aBatchThatIsStillBeingPackedIsLookedAtAgainSoon() {
        PendingBatch batch = batch(0);
        batch.finished = false;
        assertThat(deadlines.takeExpired(200 * MS)).isEmpty();
        assertThat(deadlines.untilNext(200 * MS)).isEqualTo(Duration.ofMillis(1));
    }
}
