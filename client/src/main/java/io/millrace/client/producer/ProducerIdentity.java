package io.millrace.client.producer;

/** What the server knows an idempotent producer by. */
record ProducerIdentity(long producerId, int epoch) {}
