package io.millrace.ingest.block;

/**
 * Where the time of a produce went: parts that follow each other, in nanoseconds.
 *
 * @param lingerNanos from accepting the batch until its block was sealed
 * @param uploadNanos from there until its block was in the bucket
 * @param appendNanos from there until the block's entry was durable in the metadata log
 * @param applyNanos from there until the acknowledgement
 */
public record CommitTiming(long lingerNanos, long uploadNanos, long appendNanos, long applyNanos) {}
