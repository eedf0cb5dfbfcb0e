package io.millrace.metadata.state.group;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.snapshot.SlicedPart;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.state.partition.TopicTable;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * All consumer groups: coordinators, leases and committed offsets. Fences commands of former
 * coordinators.
 */
public final class GroupTable implements Groups {

    private final TopicTable topics;
    private final LongPredicate isOpen;
    private final Consumer<String> changed;
    private final IntSupplier maxGroups;
    private final TreeMap<String, GroupState> groups = new TreeMap<>();
    private final GroupTotals totals = new GroupTotals();
    private final GroupIndex index = new GroupIndex();
    private @Nullable GroupCopy copy;
    // Shared by all groups, so that no epoch repeats when a group is created again.
    private long lastClaim;

    /**
     * @param changed a listener for groups with a changed claim, members or leases
     * @param maxGroups the limit in force
     */
    public GroupTable(
            TopicTable topics,
            LongPredicate isOpen,
            Consumer<String> changed,
            IntSupplier maxGroups) {
        this.topics = topics;
        this.isOpen = isOpen;
        this.changed = changed;
        this.maxGroups = maxGroups;
    }

    @Override
    public Optional<Group> group(String id) {
        return Optional.ofNullable(groups.get(id));
    }

    @Override
    public List<String> ids() {
        return List.copyOf(groups.keySet());
    }

    @Override
    public List<String> idsAfter(String id, int max) {
        return groups.tailMap(id, false).keySet().stream().limit(max).toList();
    }

    @Override
    public boolean coordinates(long incarnation) {
        return isOpen.test(incarnation) && index.hasClaim(incarnation);
    }

    public int size() {
        return groups.size();
    }

    /** Returns the estimated size of all groups in memory. */
    public long sizeBytes() {
        return 500L * groups.size() + 500L * totals.pages + totals.bytes;
    }

    int pages() {
        return totals.pages;
    }

    /**
     * @param proposer the incarnation that appended the entry
     */
    public Outcome claim(Command.GroupClaimed command, long proposer, long entry) {
        if (command.coordinator() != proposer) {
            // The node has been registered again since it made the command.
            return notCoordinator(command.group());
        }
        GroupState group = groups.get(command.group());
        long epoch = group == null ? 0 : group.claimEpoch;
        if (epoch != command.claimEpoch()
                || (group != null
                        && group.coordinator().isPresent()
                        && group.coordinator().getAsLong() != proposer)) {
            return notCoordinator(command.group());
        }
        if (group == null) {
            Outcome.CommandRejected noRoom = validateNew(command.group());
            if (noRoom != null) {
                return noRoom;
            }
            group = create(command.group(), entry);
        }
        beforeChange(group);
        group.claim(proposer, ++lastClaim);
        changed.accept(command.group());
        return new Outcome.GroupClaim(lastClaim);
    }

    public Outcome release(Command.GroupReleased command, long proposer) {
        GroupState group = groups.get(command.group());
        if (group == null || !group.isClaimedBy(proposer, command.claimEpoch())) {
            return notCoordinator(command.group());
        }
        beforeChange(group);
        group.release();
        changed.accept(command.group());
        return new Outcome.Completed();
    }

    public Outcome change(Command.GroupChanged command, long proposer, long entry) {
        GroupState group = groups.get(command.group());
        if (group == null || !group.isClaimedBy(proposer, command.claimEpoch())) {
            return notCoordinator(command.group());
        }
        Problem wrong = new GroupChangeValidator(group, topics, totals).validate(command);
        if (wrong != null) {
            return new Outcome.CommandRejected(wrong);
        }
        beforeChange(group);
        group.generation = command.generation();
        group.changedAt = entry;
        group.describe(command.change().protocol(), command.change().details());
        group.removeMembers(command.change().left());
        command.change().joined().forEach(group::putMember);
        for (LeaseChange lease : command.change().leases()) {
            MemberSlot seat = group.slots.get(lease.member());
            if (seat == null) {
                group.revoke(lease.topicId(), lease.partition());
            } else {
                group.topicToWrite(lease.topicId())
                        .lease(lease.partition(), seat, command.generation());
            }
        }
        changed.accept(command.group());
        return new Outcome.Completed();
    }

    public Outcome commit(Command.OffsetsCommitted command, long entry) {
        GroupState group = groups.get(command.group());
        boolean ofMember = !command.member().isEmpty();
        Outcome.CommandRejected rejection =
                ofMember
                        ? validateMember(command, group)
                        : group == null ? validateNew(command.group()) : validateNone(group);
        if (rejection != null) {
            return rejection;
        }
        MemberSlot member = ofMember && group != null ? group.slots.get(command.member()) : null;
        CommitValidator validation = new CommitValidator(topics, totals, command, member);
        List<RowOutcome> rows = new ArrayList<>(command.commits().size());
        for (OffsetCommit commit : command.commits()) {
            GroupPartitions known = group == null ? null : group.topics.get(commit.topicId());
            RowOutcome row = validation.validate(known, commit);
            if (row == CommitValidator.ACCEPTED) {
                group = group == null ? create(command.group(), entry) : group;
                beforeChange(group);
                group.topicToWrite(commit.topicId())
                        .commit(commit.partition(), commit.committed(), command.number());
                group.changedAt = entry;
            }
            rows.add(row);
        }
        return new Outcome.Rows(rows);
    }

    private static Outcome.@Nullable CommandRejected validateMember(
            Command.OffsetsCommitted command, @Nullable GroupState group) {
        if (group == null || !group.slots.containsKey(command.member())) {
            return rejected(
                    Reason.UNKNOWN_MEMBER,
                    "Group %s has no member %s; its session may have expired. Join the group again."
                            .formatted(command.group(), command.member()));
        }
        return command.generation() <= group.generation && command.generation() >= 0
                ? null
                : rejected(
                        Reason.STALE_GENERATION,
                        "Generation %2$d of group %1$s is unknown: the group is at generation %3$d. Join the group again."
                                .formatted(
                                        command.group(), command.generation(), group.generation));
    }

    private static Outcome.@Nullable CommandRejected validateNone(GroupState group) {
        return group.slots.isEmpty() ? null : notEmpty(group.id());
    }

    private Outcome.@Nullable CommandRejected validateNew(String id) {
        if (!GroupLimits.isLegalId(id)) {
            return rejected(
                    Reason.INVALID_GROUP,
                    "The id of a group must have 1 to %d bytes in UTF-8."
                            .formatted(GroupLimits.MAX_ID_BYTES));
        }
        return groups.size() < maxGroups.getAsInt()
                ? null
                : rejected(
                        Reason.GROUP_LIMIT_REACHED,
                        "The limit of %d groups is reached: delete groups or wait until unused groups expire."
                                .formatted(groups.size()));
    }

    private GroupState create(String id, long entry) {
        GroupState group = new GroupState(id, isOpen, totals, index, entry);
        groups.put(id, group);
        return group;
    }

    public Outcome delete(Command.GroupDeleted command) {
        GroupState group = groups.get(command.group());
        if (group == null) {
            return unknownGroup(command.group());
        }
        if (!group.slots.isEmpty()) {
            return notEmpty(command.group());
        }
        beforeChange(group);
        group.forget();
        groups.remove(command.group());
        changed.accept(command.group());
        return new Outcome.Completed();
    }

    public Outcome deleteOffsets(Command.OffsetsDeleted command, long entry) {
        GroupState group = groups.get(command.group());
        if (group == null) {
            return unknownGroup(command.group());
        }
        List<RowOutcome> rows = new ArrayList<>(command.partitions().size());
        for (PartitionId key : command.partitions()) {
            GroupPartitions known = group.topics.get(key.topicId());
            if (known != null && known.holder(key.partition()) != null) {
                rows.add(new RowOutcome.Rejected(Reason.GROUP_NOT_EMPTY));
                continue;
            }
            if (known != null && known.committed(key.partition()) != null) {
                beforeChange(group);
                group.deleteOffset(key.topicId(), key.partition());
                group.changedAt = entry;
            }
            rows.add(CommitValidator.ACCEPTED);
        }
        return new Outcome.Rows(rows);
    }

    public Outcome removeMembers(Command.MembersRemoved command, long entry) {
        GroupState group = groups.get(command.group());
        if (group == null) {
            return unknownGroup(command.group());
        }
        Set<String> removed = new LinkedHashSet<>();
        List<RowOutcome> rows = new ArrayList<>(command.members().size());
        for (String member : command.members()) {
            boolean known = group.slots.containsKey(member) && removed.add(member);
            rows.add(
                    known
                            ? CommitValidator.ACCEPTED
                            : new RowOutcome.Rejected(Reason.UNKNOWN_MEMBER));
        }
        if (!removed.isEmpty()) {
            beforeChange(group);
            // At the last generation, only the generation stays: no change can be in flight.
            group.generation += group.generation == Integer.MAX_VALUE ? 0 : 1;
            group.changedAt = entry;
            group.removeMembers(List.copyOf(removed));
            changed.accept(command.group());
        }
        return new Outcome.Rows(rows);
    }

    public void expire(long unchangedSince) {
        groups.values()
                .removeIf(group -> {
                    boolean expired = group.slots.isEmpty() && group.changedAt <= unchangedSince;
                    if (expired) {
                        beforeChange(group);
                        group.forget();
                        changed.accept(group.id());
                    }
                    return expired;
                });
    }

    public void forgetTopic(long topicId) {
        for (String id : index.groupsOf(topicId)) {
            GroupState group = groups.get(id);
            if (group != null) {
                beforeChange(group);
                group.forgetTopic(topicId);
                changed.accept(id);
            }
        }
    }

    private static Outcome unknownGroup(String group) {
        return rejected(Reason.UNKNOWN_GROUP, "There is no group %s.".formatted(group));
    }

    private static Outcome notCoordinator(String group) {
        return rejected(
                Reason.NOT_COORDINATOR,
                "This node does not coordinate group %s, or no longer does: look up the coordinator again."
                        .formatted(group));
    }

    private static Outcome.CommandRejected notEmpty(String group) {
        return rejected(
                Reason.GROUP_NOT_EMPTY,
                "Group %s still has members: stop them or wait until their sessions expire."
                        .formatted(group));
    }

    private static Outcome.CommandRejected rejected(Reason reason, String message) {
        return new Outcome.CommandRejected(new Problem(reason, message));
    }

    /** Begins a copy for a snapshot of the last applied entry, to be completed in slices. */
    public SlicedPart beginCopy() {
        GroupCopy begun = new GroupCopy(groups, lastClaim, () -> copy = null);
        copy = begun;
        return begun;
    }

    private void beforeChange(GroupState group) {
        if (copy != null) {
            copy.beforeChange(group);
        }
    }

    public void readFrom(SnapshotReader in) {
        lastClaim = in.getLong();
        int count = in.getCount();
        for (int i = 0; i < count; i++) {
            GroupState group = GroupState.readFrom(in, isOpen, totals, index);
            groups.put(group.id(), group);
        }
    }
}
