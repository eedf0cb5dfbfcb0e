package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.RangeReader;
import io.millrace.storage.stream.Slice;

/**
 * A transformation of batches that are copied into a segment. Called on the executor that copies.
 */
@FunctionalInterface
public interface BatchRewrite {

    BatchRewrite NONE = RangeReader.SourceBatch::bytes;

    /**
     * Returns a batch with the same offset range and all, some or none of the records; the base
     * offset may be unset. The caller may omit an empty batch.
     */
    Slice rewrite(RangeReader.SourceBatch batch);
}
