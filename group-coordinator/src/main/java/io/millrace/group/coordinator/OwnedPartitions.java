package io.millrace.group.coordinator;

import io.millrace.group.AssignedPartition;
import io.millrace.group.timing.TimingWheel;
import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/**
 * The partitions that a member works on, as reported to and by the member. A part of {@link
 * MemberState}.
 */
final class OwnedPartitions {

    /**
     * The notifications for a member, in this order.
     *
     * @param isAll whether {@code assigned} holds all of the member's partitions; then sent even if
     *     empty
     */
    record MemberNotifications(
            List<PartitionId> lost,
            List<AssignedPartition> assigned,
            List<PartitionId> revoke,
            boolean isAll) {}

    // Empty until the member reports them: any leased partition may be in use.
    private Optional<Set<PartitionId>> owned;
    private final Set<PartitionId> reportedRevoke = new TreeSet<>();

    // The last commit before the release of each partition. A new assignment waits for the commit's
    // result; otherwise, the member would start before that commit.
    private final Map<PartitionId, Long> commitBeforeRelease = new TreeMap<>();

    private final Map<PartitionId, Long> releaseBy = new TreeMap<>();

    OwnedPartitions(Optional<Set<PartitionId>> owned) {
        this.owned = owned.map(TreeSet::new);
    }

    void sessionReplaced() {
        reportedRevoke.clear();
        commitBeforeRelease.clear();
    }

    /** Empty if unknown. */
    void replace(Optional<Set<PartitionId>> partitions) {
        owned = partitions.map(TreeSet::new);
    }

    /**
     * @param lastCommit the last commit before the release; empty without a session
     */
    void released(
            Collection<PartitionId> partitions, Set<PartitionId> leases, OptionalLong lastCommit) {
        if (owned.isEmpty()) {
            owned = Optional.of(new TreeSet<>(leases));
        }
        for (PartitionId key : partitions) {
            owned.get().remove(key);
            reportedRevoke.remove(key);
            lastCommit.ifPresent(commit -> commitBeforeRelease.put(key, commit));
        }
    }

    boolean waitsForCommits() {
        return !commitBeforeRelease.isEmpty();
    }

    boolean has(PartitionId key) {
        return owned.isEmpty() || owned.get().contains(key);
    }

    /** Returns a tick, or NEVER. */
    long releaseDeadline(MemberState.LeasePlan share, long newly) {
        releaseBy.keySet().removeIf(key -> !isRevoked(key, share));
        for (PartitionId key : share.leases()) {
            if (isRevoked(key, share)) {
                releaseBy.putIfAbsent(key, newly);
            }
        }
        return releaseBy.values().stream()
                .min(Comparator.naturalOrder())
                .orElse(TimingWheel.Deadline.NEVER);
    }

    private boolean isRevoked(PartitionId key, MemberState.LeasePlan share) {
        return share.leases().contains(key) && has(key) && !share.keeps(key);
    }

    /** For a member without a session. */
    void retainAll(Set<PartitionId> leases) {
        owned.ifPresent(partitions -> partitions.retainAll(leases));
    }

    /**
     * Returns the pending notifications and records them as sent.
     *
     * @param isKnown whether the results of the commits up to a number are known
     */
    MemberNotifications takeNotifications(MemberState.LeasePlan share, LongPredicate isKnown) {
        List<PartitionId> lost = new ArrayList<>();
        List<AssignedPartition> assigned = new ArrayList<>();
        List<PartitionId> revoke = new ArrayList<>();
        boolean sure = owned.isPresent();
        Set<PartitionId> holds = owned.orElseGet(TreeSet::new);
        for (PartitionId key : holds) {
            if (!share.leases().contains(key)) {
                lost.add(key);
            }
        }
        lost.forEach(holds::remove);
        reportedRevoke.retainAll(share.leases());
        commitBeforeRelease.keySet().retainAll(share.leases());
        for (PartitionId key : share.leases()) {
            boolean keeps = share.keeps(key);
            if (!holds.contains(key) && (keeps || !sure) && isCommitted(key, isKnown)) {
                holds.add(key);
                assigned.add(new AssignedPartition(key, share.committed(key)));
            }
            if (!keeps && holds.contains(key) && reportedRevoke.add(key)) {
                revoke.add(key);
            }
        }
        owned = Optional.of(holds);
        return new MemberNotifications(lost, assigned, revoke, !sure);
    }

    private boolean isCommitted(PartitionId key, LongPredicate isKnown) {
        if (!isKnown.test(commitBeforeRelease.getOrDefault(key, 0L))) {
            return false;
        }
        commitBeforeRelease.remove(key);
        return true;
    }
}
