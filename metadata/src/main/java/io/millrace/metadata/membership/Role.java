package io.millrace.metadata.membership;

/** A role of a node. */
public enum Role {
    /** Receives records from producers. */
    INGEST,
    /** Serves consumers. */
    FETCH,
    /** Merges, compacts and deletes stored data. */
    COMPACTION
}
