package io.millrace.group.assignor;

import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Assigns partitions as evenly as the subscriptions allow, at low cost. A partition that stays with
 * its member or is in its zone costs nothing. The steps are:
 *
 * <ol>
 *   <li>Every member keeps its partitions.
 *   <li>Unassigned partitions are assigned to the members with the lowest load.
 *   <li>Partitions move along chains of members to members with a lower load, until no such chain
 *       exists. The result is optimally balanced (N. Harvey et al., Semi-matchings for bipartite
 *       graphs and load balancing).
 *   <li>Partitions move and swap at equal loads while that saves cost. The effort is bounded, so
 *       the cost is not always minimal.
 * </ol>
 */
final class StickyAssignor {

    private static final int OUT_OF_ZONE = 4;
    private static final int MAX_STEPS = 2_000_000;
    private static final int MAX_COMPARED = 256;

    private final AssignmentBuilder assignment;
    private final boolean zoneAware;
    private final Map<String, int[]> membersOfZone = new HashMap<>();

    /** By partition; empty if irrelevant. */
    private final String[] zones;

    /** By partition, if still a subscriber. */
    private final int[] previousHolder;

    /** By member: the number of partitions with a different previous holder. */
    private final int[] newPartitions;

    private int steps;

    StickyAssignor(AssignmentSpec sharing, boolean zoned) {
        this.assignment = new AssignmentBuilder(sharing);
        this.zoneAware = zoned;
        this.previousHolder = new int[assignment.partitionCount()];
        this.zones = new String[assignment.partitionCount()];
        this.newPartitions = new int[assignment.memberCount()];
        Map<String, Integer> numbers = new HashMap<>();
        Map<String, List<Integer>> byZone = new HashMap<>();
        for (int member = 0; member < assignment.memberCount(); member++) {
            numbers.put(assignment.member(member).id(), member);
            byZone.computeIfAbsent(assignment.member(member).zone(), zone -> new ArrayList<>())
                    .add(member);
        }
        byZone.forEach((zone, members) ->
                membersOfZone.put(zone, members.stream().mapToInt(m -> m).toArray()));
        for (int p = 0; p < previousHolder.length; p++) {
            PartitionId key = assignment.partition(p);
            int holder =
                    numbers.getOrDefault(
                            sharing.current().getOrDefault(key, ""), AssignmentBuilder.NONE);
            previousHolder[p] =
                    holder != AssignmentBuilder.NONE && assignment.subscribes(holder, p)
                            ? holder
                            : AssignmentBuilder.NONE;
            zones[p] = zoned ? sharing.zoneOf().apply(key) : "";
        }
    }

    Map<PartitionId, String> partitions() {
        for (int p = 0; p < previousHolder.length; p++) {
            if (previousHolder[p] != AssignmentBuilder.NONE) {
                assign(p, previousHolder[p]);
            }
        }
        for (int p = 0; p < previousHolder.length; p++) {
            if (previousHolder[p] == AssignmentBuilder.NONE) {
                assignToLeastLoaded(p);
            }
        }
        balance();
        while (improve()) {
            // Each round that finds an improvement may enable a further improvement.
        }
        return assignment.result();
    }

    private int cost(int p, int member) {
        boolean away =
                zoneAware
                        && !zones[p].isEmpty()
                        && !zones[p].equals(assignment.member(member).zone());
        return (away ? OUT_OF_ZONE : 0)
                + (previousHolder[p] != AssignmentBuilder.NONE && previousHolder[p] != member
                        ? 1
                        : 0);
    }

    private void assign(int p, int to) {
        int from = assignment.holder(p);
        if (from != AssignmentBuilder.NONE && from != previousHolder[p]) {
            newPartitions[from]--;
        }
        if (to != previousHolder[p]) {
            newPartitions[to]++;
        }
        assignment.assign(p, to);
    }

    private void assignToLeastLoaded(int p) {
        int best = AssignmentBuilder.NONE;
        for (int member : assignment.byAscendingLoad()) {
            if (best != AssignmentBuilder.NONE
                    && (!zoneAware || assignment.load(member) > assignment.load(best))) {
                break;
            }
            if (assignment.subscribes(member, p)
                    && (best == AssignmentBuilder.NONE || cost(p, member) < cost(p, best))) {
                best = member;
            }
        }
        if (best != AssignmentBuilder.NONE) {
            assign(p, best);
        }
    }

    /** Balances until no member can pass a partition to a member with at least two fewer. */
    private void balance() {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int from : assignment.byDescendingLoad()) {
                while (relieve(from)) {
                    moved = true;
                }
            }
        }
    }

    private boolean relieve(int from) {
        int max = assignment.load(from) - 2;
        if (max < assignment.minLoad()) {
            return false;
        }
        int min = assignment.leastLoaded();
        if (assignment.hasPartitionFor(from, min)) {
            moveCheapest(from, min);
            return true;
        }
        int[] path = assignment.pathToLighterMember(from, max);
        for (int i = path.length - 2; i >= 0; i--) {
            moveCheapest(path[i], path[i + 1]);
        }
        return path.length > 0;
    }

    /** Moves the cheapest of up to {@code MAX_COMPARED} partitions. */
    private void moveCheapest(int from, int to) {
        int best = AssignmentBuilder.NONE;
        int bestCost = Integer.MAX_VALUE;
        // Without zones, a move away from the previous holder costs at least 1.
        int cheapest = zoneAware || newPartitions[from] > 0 ? Integer.MIN_VALUE : 1;
        int compared = 0;
        for (int p : assignment.partitionsOf(from)) {
            if (assignment.subscribes(to, p)) {
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
        assign(best, to);
    }

    private boolean improve() {
        boolean improved = false;
        for (int p = 0; p < previousHolder.length; p++) {
            int holder = assignment.holder(p);
            if (holder == AssignmentBuilder.NONE || cost(p, holder) == 0) {
                continue;
            }
            int[] candidates =
                    zoneAware && !zones[p].isEmpty()
                            ? membersOfZone.getOrDefault(zones[p], new int[0])
                            : new int[0];
            boolean found =
                    previousHolder[p] != AssignmentBuilder.NONE && improve(p, previousHolder[p]);
            for (int i = 0; i < candidates.length && !found; i++) {
                found = assignment.subscribes(candidates[i], p) && improve(p, candidates[i]);
            }
            improved |= found;
        }
        return improved;
    }

    /**
     * Moves the partition to the candidate if that saves more than the return of a partition costs.
     */
    private boolean improve(int p, int candidate) {
        int holder = assignment.holder(p);
        int saved = cost(p, holder) - cost(p, candidate);
        if (saved <= 0 || ++steps > MAX_STEPS) {
            return false;
        }
        if (assignment.load(holder) == assignment.load(candidate) + 1) {
            assign(p, candidate);
            return true;
        }
        int back = AssignmentBuilder.NONE;
        int min = saved;
        for (int q : assignment.partitionsOf(candidate)) {
            steps++;
            if (assignment.subscribes(holder, q)) {
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
        assign(p, candidate);
        assign(back, holder);
        return true;
    }
}
