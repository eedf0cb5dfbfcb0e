package io.millrace.ingest.block;

import io.millrace.ingest.pack.BatchEncoder;
import io.millrace.ingest.pack.PendingRecords;
import io.millrace.metadata.topic.Topic;
import java.util.OptionalLong;

/**
 * Records of one partition, of any number of producers, that become one compressed batch. The
 * records grow on the node's loop until their block is sealed, and belong to this work afterwards.
 */
record PackedBatchTransform(Topic topic, PendingRecords records) implements BatchTransform {

    /** Larger batches compress no better, and cost a reader of one record more. */
    static final int TARGET_BYTES = 1024 * 1024;

    @Override
    public Result run(BatchEncoder encoder) {
        // The time of appending is stamped with that of all other batches, when they are laid out.
        return new Result.Done(
                encoder.encode(records, topic.settings().compression(), OptionalLong.empty()));
    }
}
