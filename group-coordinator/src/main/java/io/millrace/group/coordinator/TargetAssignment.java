package io.millrace.group.coordinator;

import io.millrace.group.assignor.AssignmentSpec;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /** Includes partitions to be revoked. */
    TargetAssignment withReplacement(
            MemberState takeover, MemberState before, PartitionLeases leases) {
        Map<PartitionId, String> inherited = new HashMap<>(members);
        leases.of(before.id).forEach(key -> inherited.putIfAbsent(key, before.id));
        inherited.replaceAll((key, member) -> member.equals(before.id) ? takeover.id : member);
        return new TargetAssignment(inherited);
    }

    /** A partition on its way to a member counts as that member's. */
    TargetAssignment recompute(
            SortedMap<String, MemberState> participants,
            PartitionLeases leases,
            Topics topics,
            Function<PartitionId, String> zoneOf) {
        List<AssignmentSpec.MemberSpec> sharers = new ArrayList<>();
        SortedMap<Long, Integer> counts = new TreeMap<>();
        AssignmentStrategy assignor = AssignmentStrategy.STICKY;
        for (MemberState one : participants.values()) {
            if (one.isAssignable()) {
                sharers.add(one.spec());
                assignor = one.details().assignor();
                for (long topicId : one.topics()) {
                    topics.withId(topicId)
                            .map(Topic::partitionCount)
                            .ifPresent(count -> counts.put(topicId, count));
                }
            }
        }
        Map<PartitionId, String> current = new HashMap<>(leases.holders());
        members.forEach((key, member) -> {
            MemberState wanted = participants.get(member);
            if (wanted != null && wanted.isAssignable()) {
                current.put(key, member);
            }
        });
        return new TargetAssignment(
                assignor.assign(new AssignmentSpec(sharers, counts, current, zoneOf)));
    }
}
