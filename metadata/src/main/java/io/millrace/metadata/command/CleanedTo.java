package io.millrace.metadata.command;

/**
 * The cleaned offset of a partition.
 *
 * @param offset the offset below which no key has two records; at least 1
 */
public record CleanedTo(int partition, long offset) {
    public CleanedTo {
        if (partition < 0 || offset < 1) {
            throw new IllegalArgumentException(
                    "partition %d is cleaned to %d".formatted(partition, offset));
        }
    }
}
