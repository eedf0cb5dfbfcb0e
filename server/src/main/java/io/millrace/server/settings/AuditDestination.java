package io.millrace.server.settings;

import java.nio.file.Path;

/** The destination of the audit log. */
public sealed interface AuditDestination {

    /** No audit log. */
    record None() implements AuditDestination {}

    /** The standard error of the process. */
    record StandardError() implements AuditDestination {}

    /**
     * A file that is renamed when it is full.
     *
     * @param maxBytes the size of a full file
     * @param files the number of files that are kept
     */
    record RotatedFile(Path file, long maxBytes, int files) implements AuditDestination {}
}
