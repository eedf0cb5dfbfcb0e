package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.TopicCreation;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.topic.Topic;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Creates topics that clients name and that do not exist, with the default settings. Requests for
 * one topic share its creation. Owned by the metadata's loop.
 */
public final class AutomaticTopics implements TopicCreation {

    private final TopicAdmin topics;
    private final int partitions;
    private final Map<String, CompletableFuture<Topic>> pending = new HashMap<>();

    /**
     * @param partitions the number of partitions of a new topic
     */
    public AutomaticTopics(TopicAdmin topics, int partitions) {
        this.topics = topics;
        this.partitions = partitions;
    }

    @Override
    public Optional<CompletableFuture<Topic>> create(String name) {
        CompletableFuture<Topic> known = pending.get(name);
        if (known != null) {
            return Optional.of(known.copy());
        }
        CompletableFuture<Topic> created = topics.create(name, partitions, Map.of());
        if (!created.isDone()) {
            pending.put(name, created);
            var unused = created.whenComplete((topic, failure) -> pending.remove(name, created));
        }
        return Optional.of(created.copy());
    }
}
