package io.millrace.client.producer;

/** The identity under which the server deduplicates a producer's batches. */
record ProducerIdentity(long producerId, int epoch) {}
