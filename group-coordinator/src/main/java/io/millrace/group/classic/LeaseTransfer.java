package io.millrace.group.classic;

import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The differences between the leases of a group and an assignment. Pure. */
final class LeaseTransfer {

    private LeaseTransfer() {}

    /** Returns the holders of the leases of a group. */
    static Map<PartitionId, String> holders(Group now) {
        Map<PartitionId, String> holders = new TreeMap<>();
        for (long topicId : now.topics()) {
            for (int partition : now.partitions(topicId)) {
                now.lease(topicId, partition)
                        .map(Lease::member)
                        .ifPresent(
                                holder -> holders.put(new PartitionId(topicId, partition), holder));
            }
        }
        return holders;
    }

    /** Returns the leased partitions without a member in an assignment. */
    static Set<PartitionId> unassigned(Group now, Map<PartitionId, String> assigned) {
        Set<PartitionId> unassigned = new TreeSet<>(holders(now).keySet());
        unassigned.removeAll(assigned.keySet());
        return unassigned;
    }

    /**
     * Returns the changes that lead to the assignment. Unchanged leases are not granted again, so
     * that earlier commits remain valid. A lease without a member in the assignment also remains: a
     * cooperative member learns from its assignment that it must release a partition, and commits
     * the last offset afterwards.
     *
     * @param left members that lose their leases anyway
     * @param released partitions whose leases end unless they are assigned again
     */
    static List<LeaseChange> changes(
            Group now,
            Collection<String> left,
            Map<PartitionId, String> target,
            Set<PartitionId> released) {
        Map<PartitionId, String> holders = holders(now);
        holders.values().removeIf(left::contains);
        Set<PartitionId> keys = new TreeSet<>(holders.keySet());
        keys.addAll(target.keySet());
        List<LeaseChange> changes = new ArrayList<>();
        for (PartitionId key : keys) {
            String holder = holders.getOrDefault(key, "");
            String wanted = target.getOrDefault(key, released.contains(key) ? "" : holder);
            if (!wanted.equals(holder)) {
                changes.add(new LeaseChange(key.topicId(), key.partition(), wanted));
            }
        }
        return changes;
    }
}
