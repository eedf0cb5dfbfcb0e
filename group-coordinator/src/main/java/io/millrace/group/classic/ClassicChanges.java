package io.millrace.group.classic;

import com.google.protobuf.ByteString;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.proto.ClassicGroupDetails;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The changes of a classic group in the log, each computed from the applied state. Pure. */
record ClassicChanges(Group now, String protocolType) {

    /**
     * Deleted partitions are not leased.
     *
     * @param released the partitions that the previous rebalance assigned to no member
     */
    GroupChange rebalanced(
            ClassicRebalance round,
            ClassicMembers members,
            String protocol,
            Topics topics,
            Set<PartitionId> released) {
        List<String> left =
                now.members().stream()
                        .map(GroupMember::id)
                        .filter(id -> !round.hasJoined(id))
                        .toList();
        List<GroupMember> joined =
                round.members().stream()
                        .map(id ->
                                members.get(id)
                                        .propose(
                                                round.generation(),
                                                round.assignmentOf(id).assignment()))
                        .toList();
        Map<PartitionId, String> target = new TreeMap<>(round.holders());
        target.keySet().removeIf(key -> !exists(key, topics));
        return new GroupChange(
                ClassicGroup.PROTOCOL,
                details(protocol, round.leader()),
                left,
                joined,
                LeaseTransfer.changes(now, left, target, released));
    }

    private static boolean exists(PartitionId key, Topics topics) {
        return topics.withId(key.topicId())
                .filter(topic -> key.partition() < topic.partitionCount())
                .isPresent();
    }

    /** Removes all members. */
    GroupChange emptied() {
        return new GroupChange(
                ClassicGroup.PROTOCOL,
                details("", ""),
                now.members().stream().map(GroupMember::id).toList(),
                List.of(),
                List.of());
    }

    /** Replaces members whose instances continue in another process, with all their leases. */
    Optional<GroupChange> takenOver(ClassicMembers members, String protocol, String leader) {
        List<String> left = new ArrayList<>();
        List<GroupMember> joined = new ArrayList<>();
        Map<PartitionId, String> target = LeaseTransfer.holders(now);
        for (ClassicMember member : members.all()) {
            if (member.isTakeover && now.member(member.id).isEmpty()) {
                now.members().stream()
                        .filter(logged -> logged.instanceId().equals(member.instanceId))
                        .map(GroupMember::id)
                        .forEach(former -> {
                            left.add(former);
                            target.replaceAll(
                                    (key, holder) -> holder.equals(former) ? member.id : holder);
                        });
                joined.add(member.propose(now.generation() + 1, member.assignment));
            }
        }
        return joined.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new GroupChange(
                                ClassicGroup.PROTOCOL,
                                details(protocol, leader),
                                left,
                                joined,
                                LeaseTransfer.changes(now, left, target, Set.of())));
    }

    private ByteString details(String protocol, String leader) {
        return ClassicGroupDetails.newBuilder()
                .setProtocolType(protocolType)
                .setProtocol(protocol)
                .setLeader(leader)
                .build()
                .toByteString();
    }
}
