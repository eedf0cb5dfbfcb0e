package io.millrace.metadata.group;

/**
 * A member's right to read a partition and to commit its offset.
 *
 * @param member the member's id
 * @param generation the group's generation at the assignment; commits of earlier generations do not
 *     count
 */
public record Lease(String member, int generation) {}
