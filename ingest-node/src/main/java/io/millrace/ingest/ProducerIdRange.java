package io.millrace.ingest;

/**
 * A unique producer id.
 *
 * @param producerId the id; not negative
 * @param epoch the initial epoch
 */
public record ProducerIdRange(long producerId, short epoch) {}
