package io.millrace.ingest.block;

/**
 * A pending acknowledgement of records in a block.
 *
 * @param connection the connection that sent the records
 * @param recordCount the number of records
 * @param acceptedNanos the time of acceptance, on the event loop's clock
 * @param reply the receiver of the outcome
 */
public record PendingAck(
        long connection, int recordCount, long acceptedNanos, ProduceReply reply) {}
