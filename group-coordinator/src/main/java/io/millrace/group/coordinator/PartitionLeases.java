package io.millrace.group.coordinator;

import io.millrace.metadata.group.Group;
import io.millrace.metadata.topic.PartitionId;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The leases of a group in the applied state. Immutable. */
final class PartitionLeases {

    static final PartitionLeases NONE = new PartitionLeases(new TreeMap<>());

    private final TreeMap<PartitionId, String> holders;
    private final Map<String, Set<PartitionId>> byMember = new HashMap<>();

    private PartitionLeases(TreeMap<PartitionId, String> holders) {
        this.holders = holders;
        holders.forEach(
                (key, member) -> byMember.computeIfAbsent(member, any -> new TreeSet<>()).add(key));
    }

    static PartitionLeases of(Group group) {
        TreeMap<PartitionId, String> holders = new TreeMap<>();
        for (long topicId : group.topics()) {
            for (int partition : group.partitions(topicId)) {
                group.lease(topicId, partition)
                        .ifPresent(lease ->
                                holders.put(new PartitionId(topicId, partition), lease.member()));
            }
        }
        return new PartitionLeases(holders);
    }

    Map<PartitionId, String> holders() {
        return Collections.unmodifiableMap(holders);
    }

    Set<PartitionId> of(String member) {
        return byMember.getOrDefault(member, Set.of());
    }
}
