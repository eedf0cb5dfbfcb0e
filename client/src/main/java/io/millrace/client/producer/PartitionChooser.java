package io.millrace.client.producer;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the partition of records that leave it open. Thread-safe.
 *
 * <p>Keys map as Kafka's clients map them, so that both agree. Records without key stay on one
 * partition until a batch of it goes out, since a few full batches cost less than many small ones.
 */
final class PartitionChooser {

    private final int count;
    private final AtomicInteger sticky;

    PartitionChooser(int count, int first) {
        this.count = count;
        this.sticky = new AtomicInteger(Math.floorMod(first, count));
    }

    int of(byte @Nullable [] key) {
        if (key == null) {
            return sticky.get();
        }
        return Utils.toPositive(Utils.murmur2(key)) % count;
    }

    /** Says that a batch of that partition went out. */
    void batchWentOut(int partition) {
        if (sticky.get() == partition) {
            sticky.compareAndSet(partition, (partition + 1) % count);
        }
    }
}
