package io.millrace.metadata.topic;

/**
 * A topic.
 *
 * @param id a positive number that is never reused
 * @param name see {@link TopicName}
 * @param partitionCount at least 1; partitions are numbered from 0
 * @param settings the given settings, with defaults for the rest
 */
public record Topic(long id, String name, int partitionCount, TopicSettings settings) {

    public Topic with(TopicSettings changed) {
        return new Topic(id, name, partitionCount, changed);
    }
}
