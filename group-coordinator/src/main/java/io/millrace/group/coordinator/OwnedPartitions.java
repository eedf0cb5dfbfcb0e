package io.millrace.group.coordinator;

import io.millrace.group.AssignedPartition;
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
 * The partitions that a member works on, as reported to and by the member. They are compared with
 * the leases at every change. A part of {@link MemberState}.
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

    // Empty while only the member knows: any leased partition may be in use.
    private Optional<Set<PartitionId>> owned;
    private final Set<PartitionId> reportedRevoke = new TreeSet<>();

    // The last commit before the release of each partition. If the partition were assigned again
    // before the result is known, the member would start before that commit.
    private final Map<PartitionId, Long> commitBeforeRelease = new TreeMap<>();

    /** The release deadline of each revoked partition. */
    private final Map<PartitionId, Long> releaseBy = new TreeMap<>();

    OwnedPartitions(Optional<Set<PartitionId>> owned) {
        this.owned = owned.map(TreeSet::new);
    }

    /** Resets what was reported, because a new session begins. */
    void sessionReplaced() {
        reportedRevoke.clear();
        commitBeforeRelease.clear();
    }

    /** Sets the partitions that the member reports; empty if unknown. */
    void replace(Optional<Set<PartitionId>> partitions) {
        owned = partitions.map(TreeSet::new);
    }

    /**
     * Removes released partitions.
     *
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

    /** Returns whether an assignment waits for the results of the member's commits. */
    boolean waitsForCommits() {
        return !commitBeforeRelease.isEmpty();
    }

    /** Returns whether the member may work on the partition, to which it has a lease. */
    boolean has(PartitionId key) {
        return owned.isEmpty() || owned.get().contains(key);
    }

    /** Returns the tick of the first release deadline; NEVER if there is none. */
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

    /** Drops partitions that are no longer leased to a member without a session. */
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
