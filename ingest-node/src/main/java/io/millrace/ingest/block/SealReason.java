package io.millrace.ingest.block;

/** The reason why a block was sealed. */
public enum SealReason {
    SIZE,
    COUNT,
    LINGER,
    /** The first batch waited for a linger shortened by a low rate. */
    EARLY,
    DRAIN
}
