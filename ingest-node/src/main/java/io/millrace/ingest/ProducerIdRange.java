package io.millrace.ingest;

/**
 * A producer id that no other producer has.
 *
 * @param producerId not negative
 * @param epoch to begin with
 */
public record ProducerIdRange(long producerId, short epoch) {}
