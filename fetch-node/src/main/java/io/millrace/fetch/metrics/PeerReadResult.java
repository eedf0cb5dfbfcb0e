package io.millrace.fetch.metrics;

/** The result of reading a chunk from another fetch node of the zone. */
public enum PeerReadResult {
    /** With a sound chunk. */
    TAKEN,
    /** No first byte in time, and no chunk that was still of use. */
    SILENT,
    /** With an error, or not in time after the first byte. */
    FAILED,
    /** With bytes that fail their checksums. */
    DAMAGED
}
