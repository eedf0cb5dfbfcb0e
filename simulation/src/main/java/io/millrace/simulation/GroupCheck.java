package io.millrace.simulation;

import io.millrace.fetch.PartitionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What consumer groups promise: no two members have a right to one partition at a time, and no
 * commit that was acknowledged is lost. Members only ever commit larger offsets than they know.
 */
final class GroupCheck {

    private final Cluster cluster;
    private final List<SharingMember> members = new ArrayList<>();
    private final Map<PartitionKey, Long> acknowledged = new TreeMap<>();
    private final Map<PartitionKey, Long> largestSent = new TreeMap<>();

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
        cluster.violations.check(
                committed <= largestSent.getOrDefault(key, 0L),
                "member %s gets %s from %d on, which nobody ever committed",
                to,
                key,
                committed);
        if (cluster.aLiveNodeWasDeclaredDead) {
            // Then two nodes speak for a group, and both have a right to.
            return;
        }
        for (SharingMember other : members) {
            cluster.violations.check(
                    other == to || !other.mayWorkOn(key),
                    "members %s and %s both have a right to %s",
                    to,
                    other,
                    key);
        }
    }

    void sent(PartitionKey key, long offset) {
        largestSent.merge(key, offset, Math::max);
    }

    void acknowledged(PartitionKey key, long offset) {
        cluster.trace.note(
                cluster.world.nanoTime(), "committed", key.partition(), offset, key.topicId());
        acknowledged.merge(key, offset, Math::max);
    }

    /** What was acknowledged at least, for each partition. */
    Map<PartitionKey, Long> acknowledged() {
        return acknowledged;
    }
}
