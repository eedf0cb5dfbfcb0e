package io.millrace.group.admin;

import java.util.OptionalLong;

/**
 * A change of a group's committed offset in one partition. Immutable.
 *
 * @param partition the partition number
 * @param before the previous committed offset; empty if there was none
 * @param after the new committed offset; readable, or the end
 * @param clamped whether the requested offset was not readable and {@code after} therefore differs
 */
public record OffsetMove(int partition, OptionalLong before, long after, boolean clamped) {}
