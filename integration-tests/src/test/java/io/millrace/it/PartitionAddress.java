package io.millrace.it;

/** The position of a record in the topic of a test. */
record PartitionAddress(int partition, long offset) {}
