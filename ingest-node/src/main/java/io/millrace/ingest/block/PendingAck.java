package io.millrace.ingest.block;

/**
 * A pending acknowledgement of records in a block.
 *
 * @param acceptedNanos the time of acceptance, on the event loop's clock
 */
public record PendingAck(
        long connection, int recordCount, long acceptedNanos, ProduceReply reply) {}
