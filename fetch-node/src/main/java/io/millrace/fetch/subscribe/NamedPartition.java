package io.millrace.fetch.subscribe;

/** A partition as clients name it. */
public record NamedPartition(String topic, int partition) {}
