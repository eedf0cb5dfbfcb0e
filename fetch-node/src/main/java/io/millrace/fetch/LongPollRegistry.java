package io.millrace.fetch;

import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.topic.PartitionId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An index of long polls by partition, bounded by the open fetches. Owned by the fetch node's event
 * loop.
 */
final class LongPollRegistry implements Metadata.PartitionListener {

    private final Map<PartitionId, Set<PendingFetch>> byPartition = new HashMap<>();
    private final FetchMetrics metrics;
    private long count;

    LongPollRegistry(FetchMetrics metrics) {
        this.metrics = metrics;
    }

    void add(PendingFetch fetch, List<PartitionId> partitions) {
        for (PartitionId key : partitions) {
            byPartition.computeIfAbsent(key, k -> new LinkedHashSet<>()).add(fetch);
        }
        metrics.waiting(++count);
    }

    void remove(PendingFetch fetch, List<PartitionId> partitions) {
        for (PartitionId key : partitions) {
            Set<PendingFetch> waiting = byPartition.get(key);
            if (waiting != null && waiting.remove(fetch) && waiting.isEmpty()) {
                byPartition.remove(key);
            }
        }
        metrics.waiting(--count);
    }

    @Override
    public void partitionChanged(long topicId, int partition) {
        Set<PendingFetch> waiting = byPartition.get(new PartitionId(topicId, partition));
        if (waiting != null) {
            for (PendingFetch fetch : waiting) {
                fetch.wake();
            }
        }
    }
}
