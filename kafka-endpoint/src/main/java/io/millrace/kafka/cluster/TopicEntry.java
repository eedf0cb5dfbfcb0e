package io.millrace.kafka.cluster;

import io.millrace.metadata.topic.Topic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A topic in the answer to a Metadata request. */
sealed interface TopicEntry {

    /** A topic whose partitions are described while the answer is written. */
    record Described(Topic topic) implements TopicEntry {}

    /**
     * A topic that is not described.
     *
     * @param name null if the client has named the id only
     * @param id zero if the client has named the name only
     */
    record Failed(@Nullable String name, Uuid id, Errors error) implements TopicEntry {}
}
