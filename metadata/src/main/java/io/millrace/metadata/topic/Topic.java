package io.millrace.metadata.topic;

/**
 * A topic.
 *
 * @param id a positive number that is never reused
 * @param partitionCount at least 1; partitions are numbered from 0
 */
public record Topic(long id, String name, int partitionCount, TopicSettings settings) {

    public Topic with(TopicSettings changed) {
        return new Topic(id, name, partitionCount, changed);
    }
}
