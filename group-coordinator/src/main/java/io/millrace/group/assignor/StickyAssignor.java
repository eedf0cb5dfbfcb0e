package io.millrace.group.assignor;

import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Assigns partitions as evenly as the subscriptions allow and, among even assignments, seeks one
 * with a low cost. A partition that stays with its member or is in its zone costs nothing.
 *
 * <p>The steps are:
 *
 * <ol>
 *   <li>Every member keeps its partitions.
 *   <li>Unassigned partitions go to the members with the lowest load.
 *   <li>Members with a high load pass partitions to members with a lower load, through intermediate
 *       members where the two have no common topic, until no such chain exists. The result is
 *       optimally balanced, because a suboptimal assignment always has such a chain (N. Harvey et
 *       al., Semi-matchings for bipartite graphs and load balancing).
 *   <li>Partitions are moved and swapped between members without a change of loads while that saves
 *       cost. The effort is bounded, so the cost is low but not always minimal.
 * </ol>
 */
final class StickyAssignor {

    private static final int OUT_OF_ZONE = 4;
    private static final int MAX_STEPS = 2_000_000;
    private static final int MAX_COMPARED = 256;

    private final AssignmentBuilder shares;
    private final boolean zoned;
    private final Map<String, int[]> membersOfZone = new HashMap<>();

    /** By partition: the preferred zone of readers; empty if irrelevant. */
    private final String[] zones;

    /** By partition: the previous holder, if still a subscriber. */
    private final int[] base;

    /** By member: the number of partitions that the member did not hold before. */
    private final int[] guests;

    private int steps;

    /**
     * @param zoned whether zones matter
     */
    StickyAssignor(AssignmentSpec sharing, boolean zoned) {
        this.shares = new AssignmentBuilder(sharing);
        this.zoned = zoned;
        this.base = new int[shares.partitionCount()];
        this.zones = new String[shares.partitionCount()];
        this.guests = new int[shares.memberCount()];
        Map<String, Integer> numbers = new HashMap<>();
        Map<String, List<Integer>> byZone = new HashMap<>();
        for (int member = 0; member < shares.memberCount(); member++) {
            numbers.put(shares.member(member).id(), member);
            byZone.computeIfAbsent(shares.member(member).zone(), zone -> new ArrayList<>())
                    .add(member);
        }
        byZone.forEach((zone, members) ->
                membersOfZone.put(zone, members.stream().mapToInt(m -> m).toArray()));
        for (int p = 0; p < base.length; p++) {
            PartitionId key = shares.partition(p);
            int holder =
                    numbers.getOrDefault(
                            sharing.current().getOrDefault(key, ""), AssignmentBuilder.NONE);
            base[p] =
                    holder != AssignmentBuilder.NONE && shares.reads(holder, p)
                            ? holder
                            : AssignmentBuilder.NONE;
            zones[p] = zoned ? sharing.zoneOf().apply(key) : "";
        }
    }

    Map<PartitionId, String> partitions() {
        for (int p = 0; p < base.length; p++) {
            if (base[p] != AssignmentBuilder.NONE) {
                give(p, base[p]);
            }
        }
        for (int p = 0; p < base.length; p++) {
            if (base[p] == AssignmentBuilder.NONE) {
                giveToTheLeast(p);
            }
        }
        level();
        while (improve()) {
            // Each round that finds an improvement may enable a further one.
        }
        return shares.result();
    }

    private int cost(int p, int member) {
        boolean away =
                zoned && !zones[p].isEmpty() && !zones[p].equals(shares.member(member).zone());
        return (away ? OUT_OF_ZONE : 0)
                + (base[p] != AssignmentBuilder.NONE && base[p] != member ? 1 : 0);
    }

    private void give(int p, int to) {
        int from = shares.holder(p);
        if (from != AssignmentBuilder.NONE && from != base[p]) {
            guests[from]--;
        }
        if (to != base[p]) {
            guests[to]++;
        }
        shares.give(p, to);
    }

    private void giveToTheLeast(int p) {
        int best = AssignmentBuilder.NONE;
        for (int member : shares.fromTheLeast()) {
            if (best != AssignmentBuilder.NONE
                    && (!zoned || shares.load(member) > shares.load(best))) {
                break;
            }
            if (shares.reads(member, p)
                    && (best == AssignmentBuilder.NONE || cost(p, member) < cost(p, best))) {
                best = member;
            }
        }
        if (best != AssignmentBuilder.NONE) {
            give(p, best);
        }
    }

    /**
     * Balances the loads until no member can pass a partition to a member that has at least two
     * fewer.
     */
    private void level() {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int from : shares.fromTheMost()) {
                while (relieve(from)) {
                    moved = true;
                }
            }
        }
    }

    private boolean relieve(int from) {
        int max = shares.load(from) - 2;
        if (max < shares.minLoad()) {
            return false;
        }
        int min = shares.min();
        if (shares.sharesTopic(from, min)) {
            hand(from, min);
            return true;
        }
        int[] path = shares.wayToLess(from, max);
        for (int i = path.length - 2; i >= 0; i--) {
            hand(path[i], path[i + 1]);
        }
        return path.length > 0;
    }

    /** Moves the partition with the lowest cost, of up to {@code MAX_COMPARED} candidates. */
    private void hand(int from, int to) {
        int best = AssignmentBuilder.NONE;
        int bestCost = Integer.MAX_VALUE;
        // Without zones, no partition that is with its previous holder moves for a lower cost.
        int cheapest = zoned || guests[from] > 0 ? Integer.MIN_VALUE : 1;
        int compared = 0;
        for (int p : shares.of(from)) {
            if (shares.reads(to, p)) {
                int cost = cost(p, to) - cost(p, from);
                if (cost < bestCost) {
                    best = p;
                    bestCost = cost;
                }
                if (bestCost <= cheapest || ++compared == MAX_COMPARED) {
                    break;
                }
            }
        }
        give(best, to);
    }

    private boolean improve() {
        boolean improved = false;
        for (int p = 0; p < base.length; p++) {
            int holder = shares.holder(p);
            if (holder == AssignmentBuilder.NONE || cost(p, holder) == 0) {
                continue;
            }
            int[] candidates =
                    zoned && !zones[p].isEmpty()
                            ? membersOfZone.getOrDefault(zones[p], new int[0])
                            : new int[0];
            boolean found = base[p] != AssignmentBuilder.NONE && improve(p, base[p]);
            for (int i = 0; i < candidates.length && !found; i++) {
                found = shares.reads(candidates[i], p) && improve(p, candidates[i]);
            }
            improved |= found;
        }
        return improved;
    }

    /**
     * Moves the partition to the candidate if that saves more than the return of a partition costs.
     */
    private boolean improve(int p, int candidate) {
        int holder = shares.holder(p);
        int saved = cost(p, holder) - cost(p, candidate);
        if (saved <= 0 || ++steps > MAX_STEPS) {
            return false;
        }
        if (shares.load(holder) == shares.load(candidate) + 1) {
            give(p, candidate);
            return true;
        }
        int back = AssignmentBuilder.NONE;
        int min = saved;
        for (int q : shares.of(candidate)) {
            steps++;
            if (shares.reads(holder, q)) {
                int cost = cost(q, holder) - cost(q, candidate);
                if (cost < min) {
                    min = cost;
                    back = q;
                }
            }
        }
        if (back == AssignmentBuilder.NONE) {
            return false;
        }
        give(p, candidate);
        give(back, holder);
        return true;
    }
}
