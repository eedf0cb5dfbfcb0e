package io.millrace.ingest;

/** A unique producer id, not negative, and its initial epoch. */
public record ProducerIdRange(long producerId, short epoch) {}
