package io.millrace.fetch.subscribe;

import io.millrace.fetch.PartitionKey;
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
final class Holdings {

    private final Map<PartitionKey, Holding> inTurn = new LinkedHashMap<>();
    private final Map<PartitionName, Holding> byName = new HashMap<>();

    void add(Holding holding) {
        remove(holding.key);
        inTurn.put(holding.key, holding);
        byName.put(holding.name, holding);
    }

    Optional<Holding> with(PartitionKey key) {
        return Optional.ofNullable(inTurn.get(key));
    }

    Optional<Holding> named(PartitionName name) {
        return Optional.ofNullable(byName.get(name));
    }

    Optional<Holding> remove(PartitionKey key) {
        Optional<Holding> removed = Optional.ofNullable(inTurn.remove(key));
        removed.ifPresent(holding -> {
            holding.gone = true;
            byName.remove(holding.name, holding);
        });
        return removed;
    }

    /** It had its turn. */
    void served(Holding holding) {
        inTurn.remove(holding.key);
        inTurn.put(holding.key, holding);
    }

    /** Those to be read, first those whose turn it is. */
    List<Holding> readable() {
        List<Holding> readable = new ArrayList<>(inTurn.size());
        for (Holding holding : inTurn.values()) {
            if (holding.isReadable()) {
                readable.add(holding);
            }
        }
        return readable;
    }

    /** Those of them that are there. */
    List<Holding> named(Collection<PartitionName> names) {
        List<Holding> found = new ArrayList<>(names.size());
        names.forEach(name -> named(name).ifPresent(found::add));
        return found;
    }
}
