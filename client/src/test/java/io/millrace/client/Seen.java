package io.millrace.client;

import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.subscription.Assignment;
import io.millrace.client.subscription.BatchHandler;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A handler that collects the received records by partition. Thread-safe. */
public final class Seen implements BatchHandler, SubscriptionListener {
    private final Map<TopicPartition, List<Long>> offsets = new HashMap<>();
    private final Set<TopicPartition> busy = new HashSet<>();
    final List<String> reported = new ArrayList<>();
    private boolean overlapped;

    @Override
    public void handle(ReadBatch batch, Subscription subscription) {
        synchronized (this) {
            overlapped |= !busy.add(batch.partition());
        }
        Thread.yield();
        synchronized (this) {
            List<Long> own = offsets.computeIfAbsent(batch.partition(), id -> new ArrayList<>());
            batch.forEach(record -> own.add(record.offset()));
            busy.remove(batch.partition());
        }
    }

    @Override
    public synchronized void assigned(Subscription of, List<Assignment> partitions) {
        partitions.forEach(each -> reported.add("assigned " + each.partition().partition()));
    }

    @Override
    public synchronized void revoked(Subscription of, List<TopicPartition> partitions) {
        partitions.forEach(each -> reported.add("revoked " + each.partition()));
    }

    @Override
    public synchronized void lost(Subscription of, List<TopicPartition> partitions) {
        partitions.forEach(each -> reported.add("lost " + each.partition()));
    }

    public synchronized List<Long> of(TopicPartition id) {
        return List.copyOf(offsets.getOrDefault(id, List.of()));
    }

    public synchronized List<String> reported() {
        return List.copyOf(reported);
    }

    public synchronized boolean overlapped() {
        return overlapped;
    }
}
