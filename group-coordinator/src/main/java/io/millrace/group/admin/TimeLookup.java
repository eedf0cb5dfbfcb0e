package io.millrace.group.admin;

import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A lookup of offsets by timestamp, which may read records. */
@FunctionalInterface
public interface TimeLookup {

    /**
     * Only on the metadata's event loop. Results are in request order and complete on that loop.
     */
    CompletableFuture<List<OffsetResult>> find(List<OffsetLookup> questions);
}
