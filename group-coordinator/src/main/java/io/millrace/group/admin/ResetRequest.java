package io.millrace.group.admin;

import java.util.Set;
import java.util.TreeSet;

/**
 * A wish to let a group go on elsewhere in a topic. Immutable.
 *
 * @param group its id
 * @param topic its name
 * @param partitions which of the topic; none for all, or for all with a committed offset where the
 *     target is relative to that
 * @param target where to
 * @param dryRun whether nothing is to change
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
