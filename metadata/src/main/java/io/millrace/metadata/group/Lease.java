package io.millrace.metadata.group;

/**
 * A member's right to a partition, and with it to commit its offset.
 *
 * @param member its id
 * @param generation of the group in which it was given; a commit of an earlier one does not count
 */
public record Lease(String member, int generation) {}
