package io.millrace.kafka.fetch;

import org.apache.kafka.common.Uuid;

/**
 * A partition as a Fetch request names it: by the topic's id or, in older versions, by its name.
 *
 * @param topicId zero if the topic is named
 * @param topic empty if the topic is given by id
 */
record PartitionKey(Uuid topicId, String topic, int partition) {}
