package io.millrace.metadata.log;

/**
 * The identity of an entry, whatever the epoch it ends up in.
 *
 * @param shard which of the log's shards; 0 for now
 * @param incarnation who appends it
 * @param sequence its number among the entries of that incarnation, from 1
 */
public record EntryId(int shard, long incarnation, long sequence) {}
