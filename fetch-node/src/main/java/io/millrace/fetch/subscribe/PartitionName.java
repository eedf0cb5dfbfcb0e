package io.millrace.fetch.subscribe;

/** A partition as clients name it. */
public record PartitionName(String topic, int partition) {}
