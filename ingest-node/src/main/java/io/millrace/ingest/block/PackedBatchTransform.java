package io.millrace.ingest.block;

import io.millrace.ingest.pack.BatchEncoder;
import io.millrace.ingest.pack.PendingRecords;
import io.millrace.metadata.topic.Topic;
import java.util.OptionalLong;

/**
 * Packs the records of one partition, from any number of producers, into one compressed batch. The
 * records grow on the node's event loop until the block is sealed, and belong to this
 * transformation afterwards.
 */
record PackedBatchTransform(Topic topic, PendingRecords records) implements BatchTransform {

    /** Larger batches compress no better, and cost a reader of a single record more. */
    static final int TARGET_BYTES = 1024 * 1024;

    @Override
    public Result run(BatchEncoder encoder) {
        // The append time is stamped together with that of all other batches, at the layout.
        return new Result.Done(
                encoder.encode(records, topic.settings().compression(), OptionalLong.empty()));
    }
}
