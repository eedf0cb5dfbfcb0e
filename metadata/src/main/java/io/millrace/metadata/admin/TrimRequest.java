package io.millrace.metadata.admin;

/**
 * An unvalidated request to delete the first records of a partition.
 *
 * @param offset the first offset to keep
 */
public record TrimRequest(int partition, long offset) {}
