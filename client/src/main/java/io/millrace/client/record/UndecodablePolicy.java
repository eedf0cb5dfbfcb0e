package io.millrace.client.record;

/** The reaction to a batch whose records cannot be decoded although its checksum is valid. */
public enum UndecodablePolicy {
    /** Iteration throws {@link io.millrace.client.error.MillraceException.Undecodable}. */
    STOP,
    /**
     * Iteration ends before the first record that cannot be decoded; {@link ReadBatch#failure}
     * returns the reason.
     */
    SKIP
}
