package io.millrace.ingest;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The routes of the topics that were written, by name, as current as the metadata. Holds at most
 * one route for each topic there is. Owned by the node's loop.
 */
final class TopicRoutes {

    private final Supplier<Topics> current;
    private final Map<String, TopicRoute> byName = new HashMap<>();
    private Topics seen = Topics.NONE;

    TopicRoutes(Supplier<Topics> current) {
        this.current = current;
    }

    /** The topic's route; null if this node knows no such topic (yet). */
    @Nullable TopicRoute named(String name) {
        Topics now = current.get();
        if (now != seen) {
            seen = now;
            byName.entrySet().removeIf(entry -> !renewed(entry.getKey(), entry.getValue()));
        }
        TopicRoute route = byName.get(name);
        if (route == null) {
            Topic topic = now.named(name).orElse(null);
            if (topic != null) {
                route = new TopicRoute(topic);
                byName.put(name, route);
            }
        }
        return route;
    }

    private boolean renewed(String name, TopicRoute route) {
        Optional<Topic> topic = seen.named(name).filter(t -> t.id() == route.topic().id());
        topic.ifPresent(route::update);
        return topic.isPresent();
    }
}
