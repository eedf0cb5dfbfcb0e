package io.millrace.metadata.log;

/**
 * The identity of a log entry, in any epoch.
 *
 * @param shard 0 at present
 * @param sequence from 1 within the incarnation
 */
public record EntryId(int shard, long incarnation, long sequence) {}
