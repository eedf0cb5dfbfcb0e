package io.millrace.ingest.block;

/** Why a block was sealed. */
public enum SealReason {
    /** It has the bytes it should have. */
    SIZE,
    /** It has as many batches as its entry in the log should name. */
    COUNT,
    /** Its first batch has waited for the whole linger. */
    LINGER,
    /** Its first batch has waited for less, as long as little that came made worth while. */
    EARLY,
    /** The node shuts down. */
    DRAIN
}
