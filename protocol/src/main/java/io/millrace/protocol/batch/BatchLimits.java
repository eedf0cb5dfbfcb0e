package io.millrace.protocol.batch;

/**
 * What a topic allows a batch.
 *
 * @param maxBytes largest batch, in bytes
 * @param timestampAheadMaxMs how far a record's time may lie ahead of the node's clock, in
 *     milliseconds; {@link Long#MAX_VALUE} where the producer's time does not matter
 */
public record BatchLimits(int maxBytes, long timestampAheadMaxMs) {

    public BatchLimits {
        if (maxBytes < 1 || timestampAheadMaxMs < 0) {
            throw new IllegalArgumentException(
                    maxBytes + " bytes, " + timestampAheadMaxMs + " ms ahead");
        }
    }
}
