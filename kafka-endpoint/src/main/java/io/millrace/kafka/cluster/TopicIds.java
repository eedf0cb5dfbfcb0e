package io.millrace.kafka.cluster;

import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * The ids of a cluster and of its topics in the Kafka protocol, derived from those of Millrace. The
 * id of a topic is the first half of the cluster's and the topic's number, so that no id is that of
 * a topic in another cluster. Pure.
 */
public final class TopicIds {

    private final Uuid cluster;

    public TopicIds(ClusterId cluster) {
        String hex = cluster.value();
        this.cluster =
                new Uuid(
                        Long.parseUnsignedLong(hex, 0, Long.BYTES * 2, 16),
                        Long.parseUnsignedLong(hex, Long.BYTES * 2, hex.length(), 16));
    }

    /** Returns the id of the cluster as text. */
    public String clusterId() {
        return cluster.toString();
    }

    public Uuid of(Topic topic) {
        return of(topic.id());
    }

    /** Returns the id of the topic with a number. */
    public Uuid of(long topicId) {
        return new Uuid(cluster.getMostSignificantBits(), topicId);
    }

    /** Returns the topic with an id. */
    public Optional<Topic> find(Topics topics, Uuid id) {
        return id.getMostSignificantBits() == cluster.getMostSignificantBits()
                ? topics.withId(id.getLeastSignificantBits())
                : Optional.empty();
    }
}
