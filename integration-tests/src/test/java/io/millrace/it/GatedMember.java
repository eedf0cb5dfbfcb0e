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

/** A member of a group whose handler can be held up. Any thread. */
final class GatedMember implements BatchHandler, SubscriptionListener, AutoCloseable {

    private static final int MANY = 1 << 30;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Semaphore gate;
    private final Map<TopicPartition, Long> handled = new ConcurrentHashMap<>();
    private final Set<TopicPartition> has = ConcurrentHashMap.newKeySet();
    private final Set<TopicPartition> lost = ConcurrentHashMap.newKeySet();
    private final Subscription subscription;

    /** One that nothing holds up. */
    GatedMember(MillraceClient client, SubscriptionSettings settings) {
        this(client, settings, MANY);
    }

    /**
     * @param batches so many are handled; the handler does not return from the next before the gate
     *     is opened
     */
    GatedMember(MillraceClient client, SubscriptionSettings settings, int batches) {
        gate = new Semaphore(batches);
        subscription = client.subscribe(settings, this, this);
    }

    /** Lets its handler return from now on. */
    void open() {
        gate.release(MANY);
    }

    /** Up to where it has handled each partition. */
    Map<TopicPartition, Long> handled() {
        return Map.copyOf(handled);
    }

    long handledTo(TopicPartition partition) {
        return handled.getOrDefault(partition, 0L);
    }

    /** The partitions that it works on. */
    Set<TopicPartition> has() {
        return Set.copyOf(has);
    }

    /** The partitions that were ever taken from it. */
    Set<TopicPartition> lost() {
        return Set.copyOf(lost);
    }

    boolean isOver() {
        return subscription.done().isDone();
    }

    @Override
    public void handle(ReadBatch batch, Subscription its) throws InterruptedException {
        gate.acquire();
        handled.put(batch.partition(), batch.nextOffset());
    }

    @Override
    public void assigned(Subscription its, List<Assignment> partitions) {
        partitions.forEach(one -> has.add(one.partition()));
    }

    @Override
    public void revoked(Subscription its, List<TopicPartition> partitions) {
        partitions.forEach(has::remove);
    }

    @Override
    public void lost(Subscription its, List<TopicPartition> partitions) {
        partitions.forEach(has::remove);
        lost.addAll(partitions);
    }

    @Override
    public void close() {
        if (gate.availablePermits() < MANY / 2) {
            open();
        }
        subscription.close(PATIENCE);
    }
}
