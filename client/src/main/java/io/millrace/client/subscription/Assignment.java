package io.millrace.client.subscription;

import io.millrace.client.partition.TopicPartition;

/**
 * A partition that a subscription works on from now on.
 *
 * @param partition which
 * @param offset of the first record that it will be handed; -1 if the node has yet to find it
 * @param metadata what was committed beside that offset; empty if nothing was
 */
public record Assignment(TopicPartition partition, long offset, String metadata) {}
