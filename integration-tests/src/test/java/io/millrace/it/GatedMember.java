package io.millrace.it;

import io.millrace.client.MillraceClient;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.subscription.Assignment;
import io.millrace.client.subscription.BatchHandler;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionListener;
import io.millrace.client.subscription.SubscriptionSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** A member of a group whose handler can be blocked. Thread-safe. */
final class GatedMember implements BatchHandler, SubscriptionListener, AutoCloseable {

    private static final int MANY = 1 << 30;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Semaphore gate;
    private final Map<TopicPartition, Long> handled = new ConcurrentHashMap<>();
    private final Set<TopicPartition> assignedPartitions = ConcurrentHashMap.newKeySet();
    private final Set<TopicPartition> lostPartitions = ConcurrentHashMap.newKeySet();
    private final Subscription subscription;

    /** Creates a member whose handler is never blocked. */
    GatedMember(MillraceClient client, SubscriptionSettings settings) {
        this(client, settings, MANY);
    }

    /**
     * @param batches the number of batches to handle; the handler blocks in the next one until the
     *     gate is opened
     */
    GatedMember(MillraceClient client, SubscriptionSettings settings, int batches) {
        gate = new Semaphore(batches);
        subscription = client.subscribe(settings, this, this);
    }

    /** Unblocks the handler for good. */
    void open() {
        gate.release(MANY);
    }

    /** Returns the offset up to which each partition was handled. */
    Map<TopicPartition, Long> handled() {
        return Map.copyOf(handled);
    }

    long handledTo(TopicPartition partition) {
        return handled.getOrDefault(partition, 0L);
    }

    Set<TopicPartition> assignedPartitions() {
        return Set.copyOf(assignedPartitions);
    }

    /** Returns the partitions that the member has ever lost. */
    Set<TopicPartition> lostPartitions() {
        return Set.copyOf(lostPartitions);
    }

    boolean hasEnded() {
        return subscription.done().isDone();
    }

    @Override
    public void handle(ReadBatch batch, Subscription its) throws InterruptedException {
        gate.acquire();
        handled.put(batch.partition(), batch.nextOffset());
    }

    @Override
    public void assigned(Subscription its, List<Assignment> partitions) {
        partitions.forEach(partition -> assignedPartitions.add(partition.partition()));
    }

    @Override
    public void revoked(Subscription its, List<TopicPartition> partitions) {
        partitions.forEach(assignedPartitions::remove);
    }

    @Override
    public void lost(Subscription its, List<TopicPartition> partitions) {
        partitions.forEach(assignedPartitions::remove);
        lostPartitions.addAll(partitions);
    }

    @Override
    public void close() {
        if (gate.availablePermits() < MANY / 2) {
            open();
        }
        subscription.close(PATIENCE);
    }
}
