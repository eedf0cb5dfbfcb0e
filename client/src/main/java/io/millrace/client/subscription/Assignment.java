package io.millrace.client.subscription;

import io.millrace.client.partition.TopicPartition;

/**
 * A partition newly assigned to a subscription.
 *
 * @param topicId the id of the topic, which tells topics of the same name apart
 * @param offset the offset of the first record to be handled; -1 before the node's look-up
 * @param metadata the metadata committed with the offset; may be empty
 */
public record Assignment(TopicPartition partition, long topicId, long offset, String metadata) {}
