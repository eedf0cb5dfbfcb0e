package io.millrace.metadata.command;

/**
 * Where a partition's log is to begin. Immutable.
 *
 * @param offset the first that can be read from then on; not negative
 */
public record LogStart(int partition, long offset) {
    public LogStart {
        if (offset < 0) {
            throw new IllegalArgumentException("log start " + offset);
        }
    }
}
