package io.millrace.metadata.topic;

import io.millrace.metadata.persistent.PersistentMap;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * An immutable snapshot of all topics. A changed copy costs a logarithm of the number of topics.
 */
public final class Topics {

    public static final Topics NONE = of(List.of());

    private final PersistentMap<String, Topic> byName;
    private final PersistentMap<Long, Topic> byId;

    private Topics(PersistentMap<String, Topic> byName, PersistentMap<Long, Topic> byId) {
        this.byName = byName;
        this.byId = byId;
    }

    /** Returns topics of different names and ids. */
    public static Topics of(Collection<Topic> topics) {
        List<Topic> sorted = new ArrayList<>(topics);
        sorted.sort(Comparator.comparing(Topic::name));
        PersistentMap<String, Topic> byName = PersistentMap.ofSorted(sorted, Topic::name);
        sorted.sort(Comparator.comparing(Topic::id));
        return new Topics(byName, PersistentMap.ofSorted(sorted, Topic::id));
    }

    /** Returns these topics and another, which replaces the topic of the same name and id. */
    public Topics with(Topic topic) {
        return new Topics(byName.with(topic.name(), topic), byId.with(topic.id(), topic));
    }

    public Topics without(Topic topic) {
        return new Topics(byName.without(topic.name()), byId.without(topic.id()));
    }

    public Optional<Topic> named(String name) {
        return byName.get(name);
    }

    public Optional<Topic> withId(long id) {
        return byId.get(id);
    }

    /** Returns the highest topic id, below that of every topic created later; 0 without topics. */
    public long lastId() {
        return byId.last().map(Topic::id).orElse(0L);
    }

    /** Returns the first topics, by name, whose names are greater than a name. */
    public List<Topic> after(String name, int max) {
        List<Topic> found = new ArrayList<>();
        for (Iterator<Topic> rest = byName.after(name); found.size() < max && rest.hasNext(); ) {
            found.add(rest.next());
        }
        return found;
    }

    /** Returns the topics with ids above an id, by id. */
    public Iterator<Topic> createdAfter(long id) {
        return byId.after(id);
    }

    /** Returns the topics by name. */
    public Collection<Topic> all() {
        return view(byName);
    }

    /** Returns the topics by id. */
    public Collection<Topic> allById() {
        return view(byId);
    }

    private static Collection<Topic> view(PersistentMap<?, Topic> topics) {
        return new AbstractCollection<>() {
            @Override
            public Iterator<Topic> iterator() {
                return topics.iterator();
            }

            @Override
            public int size() {
                return topics.size();
            }
        };
    }
}
