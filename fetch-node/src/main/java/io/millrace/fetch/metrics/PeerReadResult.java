package io.millrace.fetch.metrics;

/** The result of a chunk request to a peer. */
public enum PeerReadResult {
    /** The peer sent a verified chunk. */
    TAKEN,
    /** No first byte arrived in time. */
    SILENT,
    /** The peer sent an error, or the rest was late. */
    FAILED,
    /** The bytes fail their checksums. */
    DAMAGED
}
