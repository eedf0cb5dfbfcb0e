package io.millrace.metadata.log;

/**
 * Identity of a log entry, independent of the epoch that contains the entry.
 *
 * @param shard the log shard; 0 at present
 * @param incarnation the appender's incarnation
 * @param sequence the entry's sequence number within the incarnation, from 1
 */
public record EntryId(int shard, long incarnation, long sequence) {}
