package io.millrace.storage.stream;

/**
 * Contiguous bytes of a partition in a stream object.
 *
 * @param offsetCount the number of offsets of the batches
 */
public record Run(
        long topicId, int partition, long position, long length, int batchCount, long offsetCount) {

    public long end() {
        return position + length;
    }
}
