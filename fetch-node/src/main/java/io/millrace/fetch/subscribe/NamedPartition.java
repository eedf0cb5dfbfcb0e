package io.millrace.fetch.subscribe;

/** A partition by topic name and number, as used by clients. */
public record NamedPartition(String topic, int partition) {}
