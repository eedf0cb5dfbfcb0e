package io.millrace.fetch;

import io.millrace.protocol.error.Problem;

/** What a fetch found in one partition. */
public sealed interface PartitionResult {

    /** Name of the topic. */
    String topic();

    /** Number of the partition. */
    int partition();

    /**
     * It could be read.
     *
     * @param highWatermark offset that the next record to be written will get
     * @param logStartOffset first offset that can be read
     * @param batches {@link BatchRun#NONE} if there was nothing to read in time
     */
    record Fetched(
            String topic, int partition, long highWatermark, long logStartOffset, BatchRun batches)
            implements PartitionResult {}

    /** It could not be read. */
    record Failed(String topic, int partition, Problem problem) implements PartitionResult {}
}
