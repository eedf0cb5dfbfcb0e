package io.millrace.ingest.block;

import io.millrace.ingest.pack.BatchEncoder;
import io.millrace.protocol.error.Problem;
import io.millrace.storage.stream.Slice;

/**
 * A transformation of a batch between sealing and layout, such as compression. Runs once, off the
 * event loop.
 */
interface BatchTransform {

    Result run(BatchEncoder encoder);

    /** Returns whether a batch that a client compressed is decompressed, which may take long. */
    boolean decompresses();

    sealed interface Result {
        record Done(Slice batch) implements Result {}

        record Rejected(Problem problem) implements Result {}
    }
}
