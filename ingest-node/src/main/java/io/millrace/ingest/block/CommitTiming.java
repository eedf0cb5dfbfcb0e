package io.millrace.ingest.block;

/**
 * The phases of a produce request, in nanoseconds; each begins where the previous phase ends.
 *
 * @param lingerNanos from acceptance of the batch to the sealing of its block
 * @param uploadNanos to the end of the block's upload
 * @param appendNanos until the entry is durable in the metadata log
 * @param applyNanos to the acknowledgement
 */
public record CommitTiming(long lingerNanos, long uploadNanos, long appendNanos, long applyNanos) {}
