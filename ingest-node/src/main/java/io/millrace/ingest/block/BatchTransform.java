package io.millrace.ingest.block;

import io.millrace.ingest.pack.BatchEncoder;
import io.millrace.protocol.error.Problem;
import io.millrace.storage.stream.Slice;

/**
 * A transformation of a batch between the sealing and the layout of its block, such as compression.
 * Runs once, off the event loop.
 */
@FunctionalInterface
interface BatchTransform {

    Result run(BatchEncoder encoder);

    sealed interface Result {
        /** These bytes replace the batch. */
        record Done(Slice batch) implements Result {}

        /** The batch must not be stored. */
        record Rejected(Problem problem) implements Result {}
    }
}
