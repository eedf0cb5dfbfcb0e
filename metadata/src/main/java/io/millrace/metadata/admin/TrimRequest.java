package io.millrace.metadata.admin;

/**
 * A request to delete the first records of a partition. Not validated: {@link TopicAdmin#trim} does
 * that.
 *
 * @param offset the first offset to keep
 */
public record TrimRequest(int partition, long offset) {}
