package io.millrace.ingest.commit;

/**
 * The share of the metadata's capacity taken by unmerged objects. Only on the ingest node's event
 * loop.
 */
@FunctionalInterface
public interface MergeBacklog {

    /** A backlog that is always empty. */
    MergeBacklog NONE = () -> 0;

    /**
     * Returns a value from 0 to 1, the capacity of the nodes; above 1 if the capacity is exceeded.
     */
    double fullness();
}
