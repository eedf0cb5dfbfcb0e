package io.millrace.fetch;

import io.millrace.protocol.error.Problem;

/** The result of a fetch for one partition. */
public sealed interface PartitionResult {

    String topic();

    int partition();

    /**
     * The partition was read.
     *
     * @param highWatermark the offset that the next written record will get
     * @param logStartOffset the first readable offset
     * @param batches the batches read; {@link BatchRun#EMPTY} if no data arrived in time
     */
    record Fetched(
            String topic, int partition, long highWatermark, long logStartOffset, BatchRun batches)
            implements PartitionResult {}

    /** The partition could not be read. */
    record Failed(String topic, int partition, Problem problem) implements PartitionResult {}
}
