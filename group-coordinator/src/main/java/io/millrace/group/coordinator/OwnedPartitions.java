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
 * The partitions that a member works on, as it was told and as it said. They are compared with its
 * leases whenever something changes. A part of {@link MemberState}.
 */
final class OwnedPartitions {

    /**
     * What a member is to be told, in this order.
     *
     * @param isAll whether what is assigned is everything that it has, which it wants to hear even
     *     if it is nothing
     */
    record News(
            List<PartitionId> lost,
            List<AssignedPartition> assigned,
            List<PartitionId> revoke,
            boolean isAll) {}

    // Empty as long as only the member knows: it may work on whatever is leased to it.
    private Optional<Set<PartitionId>> owned;
    private final Set<PartitionId> reportedRevoke = new TreeSet<>();

    // The last commit that came before the member let go of the partition. Given back before it is
    // known what became of that, it would begin behind what it has done.
    private final Map<PartitionId, Long> commitBeforeRelease = new TreeMap<>();

    /** By when it must have let go of what it is to give up. */
    private final Map<PartitionId, Long> releaseBy = new TreeMap<>();

    OwnedPartitions(Optional<Set<PartitionId>> owned) {
        this.owned = owned.map(TreeSet::new);
    }

    /** It is told in another session from now on. */
    void receivesAgain() {
        reportedRevoke.clear();
        commitBeforeRelease.clear();
    }

    /** What it says that it works on; empty if it does not know. */
    void says(Optional<Set<PartitionId>> partitions) {
        owned = partitions.map(TreeSet::new);
    }

    /**
     * It lets go.
     *
     * @param lastCommit that came before; empty if it has no session
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

    /** Whether it is to have something as soon as its commits are through. */
    boolean waitsForCommits() {
        return !commitBeforeRelease.isEmpty();
    }

    /** Whether it may be working on that partition, which is leased to it. */
    boolean has(PartitionId key) {
        return owned.isEmpty() || owned.get().contains(key);
    }

    /** The tick of the first deadline to let go; NEVER if there is none. */
    long releaseDeadline(MemberState.Share share, long newly) {
        releaseBy.keySet().removeIf(key -> !isToRelease(key, share));
        for (PartitionId key : share.leases()) {
            if (isToRelease(key, share)) {
                releaseBy.putIfAbsent(key, newly);
            }
        }
        return releaseBy.values().stream()
                .min(Comparator.naturalOrder())
                .orElse(TimingWheel.Deadline.NEVER);
    }

    private boolean isToRelease(PartitionId key, MemberState.Share share) {
        return share.leases().contains(key) && has(key) && !share.keeps(key);
    }

    /** It hears nothing; what is leased to it no more it has lost. */
    void forgetAllBut(Set<PartitionId> leases) {
        owned.ifPresent(partitions -> partitions.retainAll(leases));
    }

    /**
     * What is new for it, which it knows from now on.
     *
     * @param isKnown whether it is known what became of the commits up to that one
     */
    News news(MemberState.Share share, LongPredicate isKnown) {
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
        return new News(lost, assigned, revoke, !sure);
    }

    private boolean isCommitted(PartitionId key, LongPredicate isKnown) {
        if (!isKnown.test(commitBeforeRelease.getOrDefault(key, 0L))) {
            return false;
        }
        commitBeforeRelease.remove(key);
        return true;
    }
}
