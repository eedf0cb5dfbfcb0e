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

    /**
     * Returns the changes that lead to the assignment. Unchanged leases are not granted again, so
     * that earlier commits remain valid.
     *
     * @param left members that lose their leases anyway
     */
    static List<LeaseChange> changes(
            Group now, Collection<String> left, Map<PartitionId, String> target) {
        Map<PartitionId, String> holders = holders(now);
        holders.values().removeIf(left::contains);
        Set<PartitionId> keys = new TreeSet<>(holders.keySet());
        keys.addAll(target.keySet());
        List<LeaseChange> changes = new ArrayList<>();
        for (PartitionId key : keys) {
            String wanted = target.getOrDefault(key, "");
            if (!wanted.equals(holders.getOrDefault(key, ""))) {
                changes.add(new LeaseChange(key.topicId(), key.partition(), wanted));
            }
        }
        return changes;
    }
}
