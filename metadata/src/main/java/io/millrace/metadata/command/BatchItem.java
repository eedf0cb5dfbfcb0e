package io.millrace.metadata.command;

/**
 * A batch in a block, or adjacent batches of one partition without a producer id.
 *
 * @param offsetCount at least 1
 * @param position in bytes from the object's start
 * @param producer {@link ProducerStamp#NONE} without idempotence
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
