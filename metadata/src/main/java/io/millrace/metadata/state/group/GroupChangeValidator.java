package io.millrace.metadata.state.group;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.state.partition.TopicTable;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Validates a change of a group before any part is applied. */
final class GroupChangeValidator {

    private record PageId(long topicId, int page) {}

    private final GroupState group;
    private final TopicTable topics;
    private final GroupTotals totals;

    GroupChangeValidator(GroupState group, TopicTable topics, GroupTotals totals) {
        this.group = group;
        this.topics = topics;
        this.totals = totals;
    }

    static boolean fitPages(GroupTotals totals, int added) {
        return (long) (totals.pages + added) * GroupPartitions.PAGE_SIZE
                <= GroupLimits.MAX_PARTITIONS;
    }

    static boolean fitBytes(GroupTotals totals, long added) {
        return added <= 0 || totals.bytes + added <= GroupLimits.MAX_TOTAL_DETAILS_BYTES;
    }

    /** Returns null if the change is valid. */
    @Nullable Problem validate(Command.GroupChanged command) {
        if (group.generation == Integer.MAX_VALUE || command.generation() != group.generation + 1) {
            return problem(
                    Reason.STALE_GENERATION,
                    "Generation %3$d of group %1$s is not the next one: the group is at generation %2$d."
                            .formatted(group.id(), group.generation, command.generation()));
        }
        Map<String, GroupMember> members = members(command.change());
        Problem wrong = validateMembers(command.change(), members);
        return wrong != null ? wrong : validateLeases(command.change(), members);
    }

    private Map<String, GroupMember> members(GroupChange change) {
        // Never iterated, so the hash order is irrelevant.
        Map<String, GroupMember> members = new HashMap<>();
        group.slots.forEach((id, seat) -> members.put(id, seat.member));
        change.left().forEach(members::remove);
        change.joined().forEach(member -> members.put(member.id(), member));
        return members;
    }

    private @Nullable Problem validateMembers(
            GroupChange change, Map<String, GroupMember> members) {
        if (members.size() > GroupLimits.MAX_MEMBERS_PER_GROUP) {
            return problem(
                    Reason.GROUP_LIMIT_REACHED,
                    "Group %s cannot have %d members: the limit is %d. Use several groups."
                            .formatted(
                                    group.id(), members.size(), GroupLimits.MAX_MEMBERS_PER_GROUP));
        }
        long bytes = change.details().size();
        boolean named = change.protocol().length() <= GroupLimits.MAX_ID_BYTES;
        for (GroupMember member : change.joined()) {
            named &=
                    GroupLimits.isLegalId(member.id())
                            && (member.instanceId().isEmpty()
                                    || GroupLimits.isLegalId(member.instanceId()));
            bytes += member.detailsBytes();
            if (member.detailsBytes() > GroupLimits.MAX_DETAILS_BYTES) {
                return tooLarge("Member " + member.id());
            }
        }
        if (!named) {
            return problem(
                    Reason.INVALID_GROUP,
                    "The ids of members and instances of group %s must have 1 to %d bytes in UTF-8."
                            .formatted(group.id(), GroupLimits.MAX_ID_BYTES));
        }
        if (change.details().size() > GroupLimits.MAX_DETAILS_BYTES) {
            return tooLarge("Group " + group.id());
        }
        Set<String> instances = new HashSet<>();
        for (GroupMember member : members.values()) {
            if (!member.instanceId().isEmpty() && !instances.add(member.instanceId())) {
                return problem(
                        Reason.INVALID_GROUP,
                        "Two members of group %s have the instance id %s: give each member its own id."
                                .formatted(group.id(), member.instanceId()));
            }
        }
        return fitBytes(totals, bytes)
                ? null
                : problem(
                        Reason.GROUP_LIMIT_REACHED,
                        "The details of all groups exceed the size limit: delete unused groups.");
    }

    private @Nullable Problem validateLeases(GroupChange change, Map<String, GroupMember> members) {
        Set<PageId> pages = new HashSet<>();
        for (LeaseChange lease : change.leases()) {
            if (lease.member().isEmpty()) {
                continue;
            }
            if (!members.containsKey(lease.member())) {
                return problem(
                        Reason.UNKNOWN_MEMBER,
                        "A partition of group %s cannot be assigned to the unknown member %s."
                                .formatted(group.id(), lease.member()));
            }
            if (topics.partition(lease.topicId(), lease.partition()) == null) {
                return problem(
                        Reason.UNKNOWN_PARTITION,
                        "Topic %d has no partition %d for group %s; it may have been deleted."
                                .formatted(lease.topicId(), lease.partition(), group.id()));
            }
            GroupPartitions known = group.topics.get(lease.topicId());
            if (known == null || !known.hasPage(lease.partition())) {
                pages.add(
                        new PageId(lease.topicId(), lease.partition() / GroupPartitions.PAGE_SIZE));
            }
        }
        return fitPages(totals, pages.size())
                ? null
                : problem(
                        Reason.GROUP_LIMIT_REACHED,
                        "The limit of %d partitions in all groups is exceeded: delete unused groups."
                                .formatted(GroupLimits.MAX_PARTITIONS));
    }

    private static Problem tooLarge(String what) {
        return problem(
                Reason.TOO_LARGE,
                "%s has more than %d bytes of details: subscribe to fewer topics by name."
                        .formatted(what, GroupLimits.MAX_DETAILS_BYTES));
    }

    private static Problem problem(Reason reason, String message) {
        return new Problem(reason, message);
    }
}
