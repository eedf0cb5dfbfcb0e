package io.millrace.fetch;

/** A partition of a topic, whatever the topic's name. */
record PartitionKey(long topicId, int partition) {}
