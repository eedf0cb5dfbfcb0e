package io.millrace.fetch.group;

import io.millrace.fetch.OffsetQuestion;
import io.millrace.fetch.OffsetResult;
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
    CompletableFuture<List<OffsetResult>> find(List<OffsetQuestion> questions);
}
