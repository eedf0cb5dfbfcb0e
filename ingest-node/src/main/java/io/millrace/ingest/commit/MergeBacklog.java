package io.millrace.ingest.commit;

/**
 * How full the metadata are with what merges have not made small yet. Only on the ingest node's
 * loop.
 */
@FunctionalInterface
public interface MergeBacklog {

    /** There is none, whatever is written. */
    MergeBacklog NONE = () -> 0;

    /** From 0 to 1, which is as much as nodes can bear; above it when they are asked for more. */
    double fullness();
}
