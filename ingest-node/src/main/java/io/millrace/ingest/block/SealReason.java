package io.millrace.ingest.block;

/** The reason why a block was sealed. */
public enum SealReason {
    /** The target size is reached. */
    SIZE,
    /** The maximum number of batches is reached. */
    COUNT,
    /** The first batch waited for the full linger. */
    LINGER,
    /** The first batch waited for a linger shortened by a low rate. */
    EARLY,
    /** The node shuts down. */
    DRAIN
}
