package io.millrace.client.subscription;

import io.millrace.client.partition.TopicPartition;

/**
 * A partition newly assigned to a subscription.
 *
 * @param partition the topic and partition
 * @param offset the offset of the first record to be handled; -1 if the node has yet to look it up
 * @param metadata the metadata committed with the offset; empty if there is none
 */
public record Assignment(TopicPartition partition, long offset, String metadata) {}
