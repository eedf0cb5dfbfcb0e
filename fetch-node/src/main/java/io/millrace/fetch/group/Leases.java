package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import io.millrace.metadata.group.Group;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Who has which partition in the applied state, at one moment. Immutable. */
final class Leases {

    static final Leases NONE = new Leases(new TreeMap<>());

    private final TreeMap<PartitionKey, String> holders;
    private final Map<String, Set<PartitionKey>> byMember = new HashMap<>();

    private Leases(TreeMap<PartitionKey, String> holders) {
        this.holders = holders;
        holders.forEach(
                (key, member) -> byMember.computeIfAbsent(member, any -> new TreeSet<>()).add(key));
    }

    static Leases of(Group group) {
        TreeMap<PartitionKey, String> holders = new TreeMap<>();
        for (long topicId : group.topics()) {
            for (int partition : group.partitions(topicId)) {
                group.lease(topicId, partition)
                        .ifPresent(lease ->
                                holders.put(new PartitionKey(topicId, partition), lease.member()));
            }
        }
        return new Leases(holders);
    }

    /** The member of each partition that has one, in order. */
    Map<PartitionKey, String> holders() {
        return Collections.unmodifiableMap(holders);
    }

    /** A member's partitions, in order. */
    Set<PartitionKey> of(String member) {
        return byMember.getOrDefault(member, Set.of());
    }
}
