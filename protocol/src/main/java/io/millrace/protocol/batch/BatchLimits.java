package io.millrace.protocol.batch;

/**
 * The limits of a topic for batches.
 *
 * @param timestampAheadMaxMs the maximum time in milliseconds by which a timestamp may be ahead of
 *     the node's clock; {@link Long#MAX_VALUE} for no limit
 */
public record BatchLimits(int maxBytes, long timestampAheadMaxMs) {

    public BatchLimits {
        if (maxBytes < 1 || timestampAheadMaxMs < 0) {
            throw new IllegalArgumentException(
                    maxBytes + " bytes, " + timestampAheadMaxMs + " ms ahead");
        }
    }
}
