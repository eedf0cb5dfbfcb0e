package io.millrace.ingest.block;

/** The receiver of the outcome of one produce request. */
@FunctionalInterface
public interface ProduceReply {

    /** Called exactly once, on the node's event loop; possibly before the produce call returns. */
    void complete(ProduceOutcome outcome);
}
