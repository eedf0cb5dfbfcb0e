package io.millrace.ingest.block;

import io.millrace.ingest.pack.BatchEncoder;
import io.millrace.protocol.error.Problem;
import io.millrace.storage.stream.Slice;

/**
 * What is to be done for a batch after its block is sealed and before it is laid out, such as
 * compressing it. Runs off the loop, once.
 */
@FunctionalInterface
interface BatchTransform {

    Result run(BatchEncoder encoder);

    /** What came of it. */
    sealed interface Result {
        /** These bytes take the batch's place. */
        record Done(Slice batch) implements Result {}

        /** The batch must not be stored. */
        record Rejected(Problem problem) implements Result {}
    }
}
