package io.millrace.metadata.topic;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** All topics at one moment. Immutable. */
public final class Topics {

    /** No topics. */
    public static final Topics NONE = new Topics(Map.of());

    private final TreeMap<String, Topic> byName;
    private final Map<Long, Topic> byId;
    private final long lastId;

    public Topics(Map<String, Topic> byName) {
        this.byName = new TreeMap<>(byName);
        this.byId = byName.values().stream().collect(Collectors.toMap(Topic::id, t -> t));
        this.lastId = byId.keySet().stream().mapToLong(id -> id).max().orElse(0);
    }

    /** The topic of that name. */
    public Optional<Topic> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The topic with that id. */
    public Optional<Topic> withId(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** The highest id of any of them: one that is created later has a higher one. 0 for none. */
    public long lastId() {
        return lastId;
    }

    /** All of them, by name. */
    public Collection<Topic> all() {
        return Collections.unmodifiableCollection(byName.values());
    }
}
