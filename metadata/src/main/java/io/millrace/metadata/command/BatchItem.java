package io.millrace.metadata.command;

/**
 * A batch in a block, or several neighbouring batches of one partition without a producer id.
 *
 * @param offsetCount number of offsets of the records, at least 1
 * @param position in bytes from the object's start
 * @param length in bytes
 * @param maxTimestampMs largest timestamp of the records, milliseconds since 1970
 * @param producer the producer's stamp; {@link ProducerStamp#NONE} if the producer is not
 *     idempotent
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
