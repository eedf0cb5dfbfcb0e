package io.millrace.fetch.subscribe;

/** A partition by topic name and number. */
public record NamedPartition(String topic, int partition) {}
