package io.millrace.group.admin;

import java.util.OptionalLong;

/**
 * Where a group goes on in a partition. Immutable.
 *
 * @param partition its number
 * @param before the offset that was committed; empty if none was
 * @param after the offset to be committed; can be read, or is the end
 * @param clamped whether that is not what was wished for, since that could not be read
 */
public record OffsetMove(int partition, OptionalLong before, long after, boolean clamped) {}
