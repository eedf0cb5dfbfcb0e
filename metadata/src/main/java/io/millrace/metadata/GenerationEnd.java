package io.millrace.metadata;

/**
 * The end of the offsets that a partition received up to a generation of the cluster.
 *
 * @param generation the newest generation up to the requested one in which the partition received
 *     offsets; the requested one if the partition received none
 * @param offset exclusive
 */
public record GenerationEnd(int generation, long offset) {}
