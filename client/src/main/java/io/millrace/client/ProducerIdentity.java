package io.millrace.client;

/** What the server knows an idempotent producer by. */
record ProducerIdentity(long producerId, int epoch) {}
