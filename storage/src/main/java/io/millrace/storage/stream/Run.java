package io.millrace.storage.stream;

/**
 * Contiguous bytes of a stream object that belong to one partition.
 *
 * @param position of the first batch, in bytes from the object's start
 * @param length in bytes
 * @param batchCount number of batches
 * @param offsetCount number of offsets that they take
 */
public record Run(
        long topicId, int partition, long position, long length, int batchCount, long offsetCount) {

    /** The first byte behind the run. */
    public long end() {
        return position + length;
    }
}
