package io.millrace.it;

/** A record's place in the topic that a test is about. */
record PartitionAddress(int partition, long offset) {}
