package io.millrace.fetch.subscribe;

/** A partition by topic name and number. */
public record TopicPartition(String topic, int partition) {}
