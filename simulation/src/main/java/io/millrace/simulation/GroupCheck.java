package io.millrace.simulation;

import io.millrace.fetch.PartitionKey;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What consumer groups promise: no two members have a right to one partition at a time, and no
 * commit that was acknowledged is lost, not even for a while, and what was let go of in order goes
 * on exactly there. Members only ever commit larger offsets than they know, or have sent before.
 */
final class GroupCheck {

    private final Cluster cluster;
    private final List<SharingMember> members = new ArrayList<>();
    private final Map<PartitionKey, Long> acknowledged = new TreeMap<>();
    private final Map<PartitionKey, Long> largestSent = new TreeMap<>();
    private final Map<PartitionKey, Commit> lastSent = new TreeMap<>();

    /** Where who let go of a partition in order left off, as long as nobody went on. */
    private final Map<PartitionKey, Long> leftOff = new TreeMap<>();

    /** How far the group was by each process's copy when that was looked at last. */
    private final Map<NodeProcess, Map<PartitionKey, Long>> seen = new IdentityHashMap<>();

    private record Commit(SharingMember by, long offset) {}

    GroupCheck(Cluster cluster) {
        this.cluster = cluster;
    }

    void add(SharingMember member) {
        members.add(member);
    }

    /** A member heard that a partition is its own. */
    void assigned(SharingMember to, PartitionKey key, long committed) {
        cluster.trace.note(
                cluster.world.nanoTime(), "assigned", key.partition(), committed, to.number());
        if (!to.mayWorkOn(key)) {
            // It heard of it too late: it slept, and has no right to anything any more.
            return;
        }
        cluster.violations.check(
                committed >= acknowledged.getOrDefault(key, 0L),
                "member %s gets %s from %d on, but a commit of %d was acknowledged",
                to,
                key,
                committed,
                acknowledged.getOrDefault(key, 0L));
        // Without a commit it begins where the log does.
        long trimmed = cluster.records.mostTrimmed(key);
        cluster.violations.check(
                committed <= Math.max(trimmed, largestSent.getOrDefault(key, 0L)),
                "member %s gets %s from %d on, which nobody ever committed",
                to,
                key,
                committed);
        long left = leftOff.getOrDefault(key, committed);
        cluster.violations.check(
                committed == left || (committed > left && committed <= trimmed),
                "member %s gets %s from %d on, but who had it before left off at %d",
                to,
                key,
                committed,
                left);
        exclusive(to);
    }

    /** What a process's copy says now: that the group has got so far. */
    void seen(NodeProcess at, PartitionKey key, long committed) {
        long before =
                Objects.requireNonNullElse(
                        seen.computeIfAbsent(at, any -> new TreeMap<>()).put(key, committed), -1L);
        cluster.violations.check(
                committed >= before,
                "%s goes back from %d to %d at node %d",
                key,
                before,
                committed,
                at.node);
    }

    /** No other member has a right to what this one has a right to. */
    void exclusive(SharingMember one) {
        if (cluster.aLiveNodeWasDeclaredDead) {
            // Then two nodes speak for a group, and both have a right to.
            return;
        }
        for (PartitionKey key : one.works()) {
            for (SharingMember other : members) {
                cluster.violations.check(
                        other == one || !other.mayWorkOn(key),
                        "members %s and %s both have a right to %s",
                        one,
                        other,
                        key);
            }
        }
    }

    void sent(SharingMember by, PartitionKey key, long offset) {
        largestSent.merge(key, offset, Math::max);
        lastSent.put(key, new Commit(by, offset));
        leftOff.remove(key);
    }

    /**
     * A commit counts.
     *
     * @param last whether who sent it worked on the partition no more
     */
    void acknowledged(SharingMember by, PartitionKey key, long offset, boolean last) {
        cluster.trace.note(
                cluster.world.nanoTime(), "committed", key.partition(), offset, key.topicId());
        acknowledged.merge(key, offset, Math::max);
        if (last && new Commit(by, offset).equals(lastSent.get(key))) {
            leftOff.put(key, offset);
        }
    }

    /** What was acknowledged at least, for each partition. */
    Map<PartitionKey, Long> acknowledged() {
        return acknowledged;
    }
}
