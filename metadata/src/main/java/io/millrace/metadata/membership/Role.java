package io.millrace.metadata.membership;

/** What a node does. */
public enum Role {
    /** Takes records from producers. */
    INGEST,
    /** Serves consumers. */
    FETCH,
    /** Looks after old data. */
    COMPACTION
}
