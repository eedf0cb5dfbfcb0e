package io.millrace.ingest.block;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The write states of existing topics, kept current with the metadata. Owned by the node's event
 * loop.
 */
public final class TopicWriteStates {

    private final Supplier<Topics> current;
    private final Map<String, TopicWriteState> byName = new HashMap<>();
    private Topics seen = Topics.NONE;

    public TopicWriteStates(Supplier<Topics> current) {
        this.current = current;
    }

    /** Returns the topic's write state; null if this node's metadata lacks the topic. */
    @Nullable
    public TopicWriteState named(String name) {
        Topics now = current.get();
        if (now != seen) {
            seen = now;
            byName.entrySet().removeIf(entry -> !isCurrent(entry.getKey(), entry.getValue()));
        }
        TopicWriteState route = byName.get(name);
        if (route == null) {
            Topic topic = now.named(name).orElse(null);
            if (topic != null) {
                route = new TopicWriteState(topic);
                byName.put(name, route);
            }
        }
        return route;
    }

    private boolean isCurrent(String name, TopicWriteState route) {
        Optional<Topic> topic = seen.named(name).filter(t -> t.id() == route.topic().id());
        topic.ifPresent(route::update);
        return topic.isPresent();
    }
}
