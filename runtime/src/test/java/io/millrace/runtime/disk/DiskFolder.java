package io.millrace.runtime.disk;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A folder of a {@link CrashingDisk}: its present names and its names at the last sync. */
final class DiskFolder implements DiskNode {

    private final TreeMap<String, DiskNode> entries = new TreeMap<>();
    private final Map<String, DiskNode> synced = new HashMap<>();

    @Nullable DiskNode get(String name) {
        return entries.get(name);
    }

    void put(String name, DiskNode node) {
        entries.put(name, node);
    }

    void remove(String name) {
        entries.remove(name);
    }

    NavigableSet<String> names() {
        return entries.navigableKeySet();
    }

    void sync(String name) {
        @Nullable DiskNode node = entries.get(name);
        if (node == null) {
            synced.remove(name);
        } else {
            synced.put(name, node);
        }
    }

    void syncAll() {
        synced.clear();
        synced.putAll(entries);
    }

    @Override
    public DiskFolder afterCrash(RandomGenerator random) {
        DiskFolder left = new DiskFolder();
        NavigableSet<String> names = new TreeSet<>(entries.keySet());
        names.addAll(synced.keySet());
        for (String name : names) {
            @Nullable DiskNode now = entries.get(name);
            @Nullable DiskNode before = synced.get(name);
            @Nullable DiskNode survivor = now == before || random.nextBoolean() ? now : before;
            if (survivor != null) {
                left.put(name, survivor.afterCrash(random));
            }
        }
        left.syncAll();
        return left;
    }

    @Override
    public long sizeBytes() {
        return entries.values().stream().mapToLong(DiskNode::sizeBytes).sum();
    }
}
