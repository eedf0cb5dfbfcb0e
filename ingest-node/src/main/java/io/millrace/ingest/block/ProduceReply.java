package io.millrace.ingest.block;

/** Hears what became of one produce. */
@FunctionalInterface
public interface ProduceReply {

    /** Called exactly once, on the node's loop; possibly before the produce call returns. */
    void done(ProduceOutcome outcome);
}
