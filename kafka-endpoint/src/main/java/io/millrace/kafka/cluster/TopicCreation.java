package io.millrace.kafka.cluster;

import io.millrace.metadata.topic.Topic;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The creation of topics that clients name and that do not exist. Called on the metadata's loop.
 */
public interface TopicCreation {

    /** Creates no topic. */
    TopicCreation OFF = name -> Optional.empty();

    /**
     * Creates a topic with the default number of partitions.
     *
     * @return empty if topics are not created automatically; the future fails with a {@link
     *     io.millrace.protocol.error.ProblemException}
     */
    Optional<CompletableFuture<Topic>> create(String name);
}
