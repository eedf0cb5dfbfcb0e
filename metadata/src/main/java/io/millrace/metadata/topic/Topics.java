package io.millrace.metadata.topic;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** An immutable snapshot of all topics. */
public final class Topics {

    public static final Topics NONE = new Topics(Map.of());

    private final TreeMap<String, Topic> byName;
    private final Map<Long, Topic> byId;
    private final long lastId;

    public Topics(Map<String, Topic> byName) {
        this.byName = new TreeMap<>(byName);
        this.byId = byName.values().stream().collect(Collectors.toMap(Topic::id, t -> t));
        this.lastId = byId.keySet().stream().mapToLong(id -> id).max().orElse(0);
    }

    public Optional<Topic> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public Optional<Topic> withId(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Returns the highest topic id, below that of every topic created later; 0 without topics. */
    public long lastId() {
        return lastId;
    }

    /** Returns the topics by name. */
    public Collection<Topic> all() {
        return Collections.unmodifiableCollection(byName.values());
    }
}
