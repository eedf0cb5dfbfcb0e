package io.millrace.fetch.subscribe;

import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The partitions assigned to a client. The partition served last moves to the end, so that no
 * partition starves. Owned by the subscriber's event loop.
 */
final class SubscribedPartitions {

    private final Map<PartitionId, SubscribedPartition> byServingOrder = new LinkedHashMap<>();
    private final Map<TopicPartition, SubscribedPartition> byName = new HashMap<>();

    void add(SubscribedPartition holding) {
        remove(holding.key);
        byServingOrder.put(holding.key, holding);
        byName.put(holding.name, holding);
    }

    Optional<SubscribedPartition> with(PartitionId key) {
        return Optional.ofNullable(byServingOrder.get(key));
    }

    Optional<SubscribedPartition> named(TopicPartition name) {
        return Optional.ofNullable(byName.get(name));
    }

    Optional<SubscribedPartition> remove(PartitionId key) {
        Optional<SubscribedPartition> removed = Optional.ofNullable(byServingOrder.remove(key));
        removed.ifPresent(holding -> {
            holding.removed = true;
            byName.remove(holding.name, holding);
        });
        return removed;
    }

    void served(SubscribedPartition holding) {
        byServingOrder.remove(holding.key);
        byServingOrder.put(holding.key, holding);
    }

    /** Returns the readable partitions in serving order. */
    List<SubscribedPartition> readable() {
        List<SubscribedPartition> readable = new ArrayList<>(byServingOrder.size());
        for (SubscribedPartition holding : byServingOrder.values()) {
            if (holding.isReadable()) {
                readable.add(holding);
            }
        }
        return readable;
    }

    /** Skips absent partitions. */
    List<SubscribedPartition> named(Collection<TopicPartition> names) {
        List<SubscribedPartition> found = new ArrayList<>(names.size());
        names.forEach(name -> named(name).ifPresent(found::add));
        return found;
    }
}
