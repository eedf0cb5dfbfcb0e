package io.millrace.ingest.block;

import io.millrace.runtime.trace.TraceContext;
import java.util.Optional;

/** The receiver of the outcome of one produce request. */
@FunctionalInterface
public interface ProduceReply {

    /** Called exactly once, on the node's event loop; possibly before the produce call returns. */
    void complete(ProduceOutcome outcome);

    /** Returns the span of the request once it is complete; empty if the request is not traced. */
    default Optional<TraceContext> span() {
        return Optional.empty();
    }
}
