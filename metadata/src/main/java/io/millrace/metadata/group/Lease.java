package io.millrace.metadata.group;

/**
 * A member's right to read a partition and to commit its offset.
 *
 * @param generation the group's generation at the assignment; commits of earlier generations are
 *     rejected
 */
public record Lease(String member, int generation) {}
