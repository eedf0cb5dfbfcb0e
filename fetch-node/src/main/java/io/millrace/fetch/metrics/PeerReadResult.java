package io.millrace.fetch.metrics;

/** The result of reading a chunk from another fetch node of the zone. */
public enum PeerReadResult {
    /** The peer sent a verified chunk. */
    TAKEN,
    /** No first byte arrived in time, and no usable chunk afterwards. */
    SILENT,
    /** The peer sent an error, or the rest did not arrive in time after the first byte. */
    FAILED,
    /** The peer sent bytes that fail their checksums. */
    DAMAGED
}
