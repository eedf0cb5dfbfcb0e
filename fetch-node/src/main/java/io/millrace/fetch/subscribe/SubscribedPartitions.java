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
 * What a subscription has and its client knows of. The partition that was served last comes last,
 * so that none starves. Owned by the subscriber's loop.
 */
final class SubscribedPartitions {

    private final Map<PartitionId, SubscribedPartition> inTurn = new LinkedHashMap<>();
    private final Map<NamedPartition, SubscribedPartition> byName = new HashMap<>();

    void add(SubscribedPartition holding) {
        remove(holding.key);
        inTurn.put(holding.key, holding);
        byName.put(holding.name, holding);
    }

    Optional<SubscribedPartition> with(PartitionId key) {
        return Optional.ofNullable(inTurn.get(key));
    }

    Optional<SubscribedPartition> named(NamedPartition name) {
        return Optional.ofNullable(byName.get(name));
    }

    Optional<SubscribedPartition> remove(PartitionId key) {
        Optional<SubscribedPartition> removed = Optional.ofNullable(inTurn.remove(key));
        removed.ifPresent(holding -> {
            holding.gone = true;
            byName.remove(holding.name, holding);
        });
        return removed;
    }

    /** It had its turn. */
    void served(SubscribedPartition holding) {
        inTurn.remove(holding.key);
        inTurn.put(holding.key, holding);
    }

    /** Those to be read, first those whose turn it is. */
    List<SubscribedPartition> readable() {
        List<SubscribedPartition> readable = new ArrayList<>(inTurn.size());
        for (SubscribedPartition holding : inTurn.values()) {
            if (holding.isReadable()) {
                readable.add(holding);
            }
        }
        return readable;
    }

    /** Those of them that are there. */
    List<SubscribedPartition> named(Collection<NamedPartition> names) {
        List<SubscribedPartition> found = new ArrayList<>(names.size());
        names.forEach(name -> named(name).ifPresent(found::add));
        return found;
    }
}
