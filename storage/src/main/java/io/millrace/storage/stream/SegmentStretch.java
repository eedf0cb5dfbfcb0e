package io.millrace.storage.stream;

/**
 * Some neighbouring batches of one partition in a segment: what an extent of the metadata names.
 * Within it, and between it and the next one of its partition, there may be offsets that no batch
 * takes.
 *
 * @param baseOffset of the first batch
 * @param endOffset behind the last record of the last batch
 * @param position of the first batch, in bytes from the object's start
 * @param length in bytes
 * @param maxTimestampMs the largest of the batches, in milliseconds since 1970; -1 if they have
 *     none
 */
public record SegmentStretch(
        long topicId,
        int partition,
        long baseOffset,
        long endOffset,
        long position,
        int length,
        long maxTimestampMs) {

    /** The first byte behind it. */
    public long end() {
        return position + length;
    }

    /** Both as one; the other one follows this one. */
    SegmentStretch and(SegmentStretch next) {
        return new SegmentStretch(
                topicId,
                partition,
                baseOffset,
                next.endOffset,
                position,
                length + next.length,
                Math.max(maxTimestampMs, next.maxTimestampMs));
    }
}
