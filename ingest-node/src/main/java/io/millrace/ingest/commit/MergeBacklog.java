package io.millrace.ingest.commit;

/**
 * The fill level of the nodes' memory for metadata, which unmerged objects or growing metadata
 * raise. Only on the ingest node's event loop.
 */
@FunctionalInterface
public interface MergeBacklog {

    MergeBacklog NONE = () -> 0;

    /** Returns 0 to 1; above 1 if the capacity of the nodes is exceeded. */
    double fullness();
}
