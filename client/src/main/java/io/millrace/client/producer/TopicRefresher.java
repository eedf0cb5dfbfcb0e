package io.millrace.client.producer;

import io.millrace.client.admin.TopicOperations;
import io.millrace.client.connection.IoThread;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the partition count of a topic in use again: after {@link ProducerSettings#topicMaxAge},
 * and after a node did not know a partition. At most one look-up for each topic is in flight.
 * Thread-safe.
 */
final class TopicRefresher {

    private final IoThread io;
    private final long maxAgeNanos;
    private final Function<String, CompletableFuture<TopicOperations.Description>> lookUp;

    TopicRefresher(
            IoThread io,
            Duration maxAge,
            Function<String, CompletableFuture<TopicOperations.Description>> lookUp) {
        this.io = io;
        this.maxAgeNanos = maxAge.toNanos();
        this.lookUp = lookUp;
    }

    /** Starts a look-up if the known count may be outdated. Called for each record. */
    void used(WriteTopic topic, PartitionQueue queue) {
        if (queue.takeUnknown() || io.nanoTime() - topic.age().learnedNanos() >= maxAgeNanos) {
            refresh(topic);
        }
    }

    void refresh(WriteTopic topic) {
        if (topic.age().tryBegin()) {
            lookUp.apply(topic.name()).whenComplete((found, failure) -> learned(topic, found));
        }
    }

    private void learned(WriteTopic topic, TopicOperations.@Nullable Description found) {
        if (found != null) {
            topic.resize(found.topic().partitionCount());
        }
        topic.age().end(io.nanoTime());
    }
}
