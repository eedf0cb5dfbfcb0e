package io.millrace.metadata.command;

/**
 * A requested log start of a partition.
 *
 * @param offset the first offset that stays readable; not negative
 */
public record LogStart(int partition, long offset) {
    public LogStart {
        if (offset < 0) {
            throw new IllegalArgumentException("log start " + offset);
        }
    }
}
