package io.millrace.client.producer;

/** Identity under which the server deduplicates an idempotent producer's batches. */
record ProducerIdentity(long producerId, int epoch) {}
