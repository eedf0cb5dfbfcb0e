package io.millrace.metadata.admin;

import io.millrace.protocol.error.Problem;

/** The result of a {@link TrimRequest}. */
public sealed interface TrimResult {

    int partition();

    /** The partition begins at the requested offset or later. */
    record Trimmed(int partition, long logStartOffset) implements TrimResult {}

    /** The partition does not exist or ends before the requested offset. */
    record Rejected(int partition, Problem problem) implements TrimResult {}
}
