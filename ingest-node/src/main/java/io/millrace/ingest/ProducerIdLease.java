package io.millrace.ingest;

/**
 * A producer id that no other producer has.
 *
 * @param producerId not negative
 * @param epoch to begin with
 */
public record ProducerIdLease(long producerId, short epoch) {}
