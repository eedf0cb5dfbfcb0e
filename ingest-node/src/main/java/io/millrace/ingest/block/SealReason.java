package io.millrace.ingest.block;

/** The reason why a block was sealed. */
public enum SealReason {
    /** It reached the target size. */
    SIZE,
    /** It reached the maximum number of batches. */
    COUNT,
    /** Its first batch waited for the full linger. */
    LINGER,
    /** Its first batch waited for a linger shortened by a low rate. */
    EARLY,
    /** The node shuts down. */
    DRAIN
}
