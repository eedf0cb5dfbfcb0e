package io.millrace.group.admin;

import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Finds the offsets of times: it may have to read records. */
@FunctionalInterface
public interface TimeLookup {

    /**
     * Only on the metadata's loop.
     *
     * @return one answer for each question, in their order; completes on the loop
     */
    CompletableFuture<List<OffsetResult>> find(List<OffsetLookup> questions);
}
