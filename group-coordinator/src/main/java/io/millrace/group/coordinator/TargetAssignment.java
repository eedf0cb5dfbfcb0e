package io.millrace.group.coordinator;

import io.millrace.group.assignor.AssignmentSpec;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The intended member of each partition of a group. Immutable. */
final class TargetAssignment {

    static final TargetAssignment NONE = new TargetAssignment(Map.of());

    private final Map<PartitionId, String> members;

    private TargetAssignment(Map<PartitionId, String> members) {
        this.members = members;
    }

    Map<PartitionId, String> members() {
        return members;
    }

    @Nullable String of(PartitionId key) {
        return members.get(key);
    }

    /**
     * Returns the target with all partitions of a replaced member, including those to be revoked,
     * assigned to its replacement.
     */
    TargetAssignment withReplacement(
            MemberState replacement, MemberState replaced, PartitionLeases leases) {
        Map<PartitionId, String> newTarget = new HashMap<>(members);
        leases.of(replaced.id).forEach(key -> newTarget.putIfAbsent(key, replaced.id));
        newTarget.replaceAll((key, member) -> member.equals(replaced.id) ? replacement.id : member);
        return new TargetAssignment(newTarget);
    }

    /**
     * Computes a new target. The current holder of a partition is its target member if assignable,
     * else its lease holder. All members have the same assignor ({@link JoinValidator}).
     */
    TargetAssignment recompute(
            SortedMap<String, MemberState> membersById,
            PartitionLeases leases,
            Topics topics,
            Function<PartitionId, String> zoneOf) {
        List<AssignmentSpec.MemberSpec> memberSpecs = new ArrayList<>();
        SortedMap<Long, Integer> counts = new TreeMap<>();
        Set<Set<Long>> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        AssignmentStrategy assignor = AssignmentStrategy.STICKY;
        for (MemberState member : membersById.values()) {
            if (member.isAssignable()) {
                memberSpecs.add(member.spec());
                assignor = member.details().assignor();
                if (!counted.add(member.topics())) {
                    continue;
                }
                for (long topicId : member.topics()) {
                    topics.withId(topicId)
                            .map(Topic::partitionCount)
                            .ifPresent(count -> counts.put(topicId, count));
                }
            }
        }
        Map<PartitionId, String> current = new HashMap<>(leases.holders());
        members.forEach((key, member) -> {
            MemberState targetMember = membersById.get(member);
            if (targetMember != null && targetMember.isAssignable()) {
                current.put(key, member);
            }
        });
        return new TargetAssignment(
                assignor.assign(new AssignmentSpec(memberSpecs, counts, current, zoneOf)));
    }
}
