package io.millrace.ingest.block;

/**
 * Somebody who waits for records of a block.
 *
 * @param connection where the records came from
 * @param recordCount how many they are
 * @param acceptedNanos when they were accepted, on the loop's clock
 * @param reply hears what became of them
 */
public record PendingAck(
        long connection, int recordCount, long acceptedNanos, ProduceReply reply) {}
