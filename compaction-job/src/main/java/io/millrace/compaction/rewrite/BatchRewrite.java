package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.RangeReader;
import io.millrace.storage.stream.Slice;

/** What becomes of a batch on its way into a segment. Called on the executor that copies. */
@FunctionalInterface
public interface BatchRewrite {

    /** Batches stay as they are. */
    BatchRewrite NONE = RangeReader.Found::bytes;

    /**
     * The batch that takes the place of another: of the same offsets, with some of its records or
     * none. One without records is left out where it is not needed.
     *
     * @return its base offset need not be set
     */
    Slice of(RangeReader.Found batch);
}
