package io.millrace.metadata.membership;

/** A role of a node. */
public enum Role {
    INGEST,
    FETCH,
    /** Merges, compacts and deletes stored data. */
    COMPACTION
}
