package io.millrace.metadata.command;

/**
 * One batch in a block, or several neighbouring ones of a partition that carry no producer id.
 *
 * @param offsetCount number of offsets that its records take, at least 1
 * @param position in bytes from the object's start
 * @param length in bytes
 * @param maxTimestampMs largest timestamp of its records, milliseconds since 1970
 * @param producer {@link ProducerStamp#NONE} where the producer is not idempotent
 */
public record BatchItem(
        long topicId,
        int partition,
        int offsetCount,
        long position,
        int length,
        long maxTimestampMs,
        ProducerStamp producer) {

    public BatchItem {
        if (offsetCount < 1 || position < 0 || length < 1) {
            throw new IllegalArgumentException(
                    "%d offsets in %d bytes at %d".formatted(offsetCount, length, position));
        }
    }
}
