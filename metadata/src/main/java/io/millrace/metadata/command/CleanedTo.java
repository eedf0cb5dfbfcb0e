package io.millrace.metadata.command;

/**
 * The offset up to which key compaction has cleaned a partition. Immutable.
 *
 * @param offset the offset below which every key has one record at most; at least 1
 */
public record CleanedTo(int partition, long offset) {
    public CleanedTo {
        if (partition < 0 || offset < 1) {
            throw new IllegalArgumentException(
                    "partition %d is cleaned to %d".formatted(partition, offset));
        }
    }
}
