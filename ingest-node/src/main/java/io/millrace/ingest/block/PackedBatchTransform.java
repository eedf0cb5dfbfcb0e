package io.millrace.ingest.block;

import io.millrace.ingest.pack.BatchEncoder;
import io.millrace.ingest.pack.PendingRecords;
import io.millrace.metadata.topic.Topic;
import java.util.OptionalLong;

/**
 * Packs records of one partition into one compressed batch. The records grow until the block is
 * sealed, and belong to this transformation afterwards.
 */
record PackedBatchTransform(Topic topic, PendingRecords records) implements BatchTransform {

    /** Larger batches compress no better, and cost a reader of a single record more. */
    static final int TARGET_BYTES = 1024 * 1024;

    @Override
    public Result run(BatchEncoder encoder) {
        // The layout stamps the append time.
        return new Result.Done(
                encoder.encode(records, topic.settings().compression(), OptionalLong.empty()));
    }

    @Override
    public boolean decompresses() {
        return false;
    }
}
