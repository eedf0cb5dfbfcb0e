package io.millrace.fetch;

import io.millrace.metadata.Metadata;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The long polls, by the partitions that each of them waits for. Bounded by the number of open
 * fetches. Owned by the fetch node's loop.
 */
final class Waiters implements Metadata.PartitionListener {

    private final Map<PartitionKey, Set<PendingFetch>> byPartition = new HashMap<>();
    private final FetchMetrics metrics;
    private long count;

    Waiters(FetchMetrics metrics) {
        this.metrics = metrics;
    }

    void add(PendingFetch fetch, List<PartitionKey> partitions) {
        for (PartitionKey key : partitions) {
            byPartition.computeIfAbsent(key, k -> new LinkedHashSet<>()).add(fetch);
        }
        metrics.waiting(++count);
    }

    void remove(PendingFetch fetch, List<PartitionKey> partitions) {
        for (PartitionKey key : partitions) {
            Set<PendingFetch> waiting = byPartition.get(key);
            if (waiting != null && waiting.remove(fetch) && waiting.isEmpty()) {
                byPartition.remove(key);
            }
        }
        metrics.waiting(--count);
    }

    @Override
    public void changed(long topicId, int partition) {
        Set<PendingFetch> waiting = byPartition.get(new PartitionKey(topicId, partition));
        if (waiting != null) {
            for (PendingFetch fetch : waiting) {
                fetch.wake();
            }
        }
    }
}
