package io.millrace.group.admin;

import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A lookup of offsets by timestamp, which may have to read records. */
@FunctionalInterface
public interface TimeLookup {

    /**
     * Finds offsets. Only on the metadata's event loop.
     *
     * @return one answer per lookup, in request order; completes on the event loop
     */
    CompletableFuture<List<OffsetResult>> find(List<OffsetLookup> questions);
}
