package io.millrace.metadata.admin;

import io.millrace.protocol.error.Problem;

/** The result of one {@link TrimRequest}. */
public sealed interface TrimResult {

    /** The partition that was to be trimmed. */
    int partition();

    /**
     * The partition begins at the requested offset or after it.
     *
     * @param logStartOffset the first offset that can be read
     */
    record Trimmed(int partition, long logStartOffset) implements TrimResult {}

    /** The partition does not exist, or ends before the requested offset. */
    record Rejected(int partition, Problem problem) implements TrimResult {}
}
