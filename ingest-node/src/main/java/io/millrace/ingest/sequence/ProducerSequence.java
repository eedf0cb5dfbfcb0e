package io.millrace.ingest.sequence;

/** Identity of a sequence: one epoch of an idempotent producer in one partition. */
public record ProducerSequence(long topicId, int partition, long producerId, short epoch) {}
