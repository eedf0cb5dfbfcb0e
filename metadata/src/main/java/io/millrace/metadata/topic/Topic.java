package io.millrace.metadata.topic;

/**
 * A topic.
 *
 * @param id never reused; positive
 * @param name see {@link TopicName}
 * @param partitionCount at least 1; partitions are numbered from 0
 * @param settings those given, and defaults for the others
 */
public record Topic(long id, String name, int partitionCount, TopicSettings settings) {

    /** The same topic with other settings. */
    public Topic with(TopicSettings changed) {
        return new Topic(id, name, partitionCount, changed);
    }
}
