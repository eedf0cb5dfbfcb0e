package io.millrace.fetch;

import io.millrace.protocol.error.Problem;

/** The result of a fetch for one partition. */
public sealed interface PartitionResult {

    String topic();

    int partition();

    /** A partition that was read. If no data arrived in time, {@code batches} is empty. */
    record Fetched(
            String topic,
            int partition,
            long topicId,
            long highWatermark,
            long logStartOffset,
            BatchRun batches)
            implements PartitionResult {}

    /** A partition that could not be read. */
    record Failed(String topic, int partition, Problem problem) implements PartitionResult {}
}
