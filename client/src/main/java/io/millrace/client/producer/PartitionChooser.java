package io.millrace.client.producer;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the partition of records without a partition number. Keys map to partitions as in Kafka's
 * clients. Records without key stay on a partition until its batch is sent, because full batches
 * cost less. Thread-safe.
 */
final class PartitionChooser {

    private final int count;
    private final AtomicInteger sticky;

    PartitionChooser(int count, int first) {
        this.count = count;
        this.sticky = new AtomicInteger(Math.floorMod(first, count));
    }

    int count() {
        return count;
    }

    int partitionOf(byte @Nullable [] key) {
        if (key == null) {
            return sticky.get();
        }
        return Utils.toPositive(Utils.murmur2(key)) % count;
    }

    void batchSent(int partition) {
        if (sticky.get() == partition) {
            sticky.compareAndSet(partition, (partition + 1) % count);
        }
    }
}
