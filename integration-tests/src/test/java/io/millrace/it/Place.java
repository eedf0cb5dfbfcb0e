package io.millrace.it;

/** A record's place in the topic that a test is about. */
record Place(int partition, long offset) {}
