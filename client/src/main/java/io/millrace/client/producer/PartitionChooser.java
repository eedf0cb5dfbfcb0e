package io.millrace.client.producer;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the partition of records that do not name one. Thread-safe.
 *
 * <p>Keys map to partitions as in Kafka's clients. Records without key stay on one partition until
 * a batch of the partition is sent, because a few full batches cost less than many small ones.
 */
final class PartitionChooser {

    private final int count;
    private final AtomicInteger sticky;

    PartitionChooser(int count, int first) {
        this.count = count;
        this.sticky = new AtomicInteger(Math.floorMod(first, count));
    }

    int partitionOf(byte @Nullable [] key) {
        if (key == null) {
            return sticky.get();
        }
        return Utils.toPositive(Utils.murmur2(key)) % count;
    }

    /**
     * Moves records without key to the next partition, if the sent batch was of the current one.
     */
    void batchSent(int partition) {
        if (sticky.get() == partition) {
            sticky.compareAndSet(partition, (partition + 1) % count);
        }
    }
}
