package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.RangeReader;
import io.millrace.storage.stream.Slice;

/** Transformation of batches that are copied into a segment. Called on the executor that copies. */
@FunctionalInterface
public interface BatchRewrite {

    BatchRewrite NONE = RangeReader.SourceBatch::bytes;

    /**
     * Returns the replacement of a batch: a batch with the same offset range and all, some or none
     * of the records. The caller may omit an empty batch.
     *
     * @return the replacement; the base offset may be unset
     */
    Slice rewrite(RangeReader.SourceBatch batch);
}
