package io.millrace.group.admin;

import java.util.Set;
import java.util.TreeSet;

/**
 * A request to reset a group's offsets in a topic. Immutable.
 *
 * @param partitions none for all partitions, or for all with a committed offset if the target is
 *     relative
 * @param create whether the group may be new
 */
public record ResetRequest(
        String group,
        String topic,
        Set<Integer> partitions,
        ResetTarget target,
        boolean dryRun,
        boolean create) {

    public ResetRequest {
        partitions = java.util.Collections.unmodifiableSet(new TreeSet<>(partitions));
    }
}
