package io.millrace.group.admin;

import java.util.OptionalLong;

/**
 * A change of a group's committed offset in one partition. Immutable.
 *
 * @param after the new committed offset; readable, or the end
 * @param clamped whether {@code after} differs from the requested offset, which was not readable
 */
public record OffsetMove(int partition, OptionalLong before, long after, boolean clamped) {}
