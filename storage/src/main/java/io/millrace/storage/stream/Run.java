package io.millrace.storage.stream;

/**
 * Contiguous bytes of a stream object that belong to one partition.
 *
 * @param position the position of the first batch, in bytes from the start of the object
 * @param length the number of bytes
 * @param offsetCount the number of offsets that the batches span
 */
public record Run(
        long topicId, int partition, long position, long length, int batchCount, long offsetCount) {

    /** Returns the position after the last byte. */
    public long end() {
        return position + length;
    }
}
