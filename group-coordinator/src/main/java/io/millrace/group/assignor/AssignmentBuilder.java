package io.millrace.group.assignor;

import io.millrace.group.assignor.AssignmentSpec.MemberSpec;
import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * An assignment under construction. Members and partitions are numbered in the order of ids, so
 * that the result is deterministic.
 */
final class AssignmentBuilder {

    static final int NONE = -1;

    private final List<MemberSpec> members;
    private final List<PartitionId> partitions = new ArrayList<>();
    private final int[] topicOf;

    /** A set of topics, and the members whose set it is. */
    private record Subscription(BitSet topics, BitSet members) {}

    /** By topic. */
    private final int[][] subscribers;

    /** By topic: its first partition; one more entry than topics. */
    private final int[] firstOf;

    /** By member. Members that share a set of topic ids share one, to save memory. */
    private final BitSet[] topicsRead;

    private final int[] holder;

    private final List<TreeSet<Integer>> partitionsByMember = new ArrayList<>();

    private final TreeSet<Integer> byLoad;

    AssignmentBuilder(AssignmentSpec sharing) {
        members = sharing.members().stream().sorted(Comparator.comparing(MemberSpec::id)).toList();
        Map<Long, Integer> topicNumbers = new HashMap<>();
        firstOf = new int[sharing.topics().size() + 1];
        sharing.topics()
                .forEach((topicId, count) -> {
                    topicNumbers.put(topicId, topicNumbers.size());
                    for (int i = 0; i < count; i++) {
                        partitions.add(new PartitionId(topicId, i));
                    }
                    firstOf[topicNumbers.size()] = partitions.size();
                });
        topicOf = new int[partitions.size()];
        for (int t = 0; t < topicNumbers.size(); t++) {
            Arrays.fill(topicOf, firstOf[t], firstOf[t + 1], t);
        }
        topicsRead = new BitSet[members.size()];
        Map<Set<Long>, Subscription> subscriptions = new IdentityHashMap<>();
        for (int m = 0; m < members.size(); m++) {
            partitionsByMember.add(new TreeSet<>());
            Subscription subscription =
                    subscriptions.computeIfAbsent(
                            members.get(m).topics(),
                            ids -> new Subscription(numbers(ids, topicNumbers), new BitSet()));
            topicsRead[m] = subscription.topics();
            subscription.members().set(m);
        }
        subscribers = subscribers(topicNumbers.size(), List.copyOf(subscriptions.values()));
        holder = new int[partitions.size()];
        Arrays.fill(holder, NONE);
        byLoad =
                new TreeSet<>(
                        Comparator.<Integer>comparingInt(this::load).thenComparingInt(m -> m));
        for (int m = 0; m < members.size(); m++) {
            byLoad.add(m);
        }
    }

    private static BitSet numbers(Set<Long> topicIds, Map<Long, Integer> topicNumbers) {
        BitSet numbers = new BitSet(topicNumbers.size());
        for (long topicId : topicIds) {
            Integer topic = topicNumbers.get(topicId);
            if (topic != null) {
                numbers.set(topic);
            }
        }
        return numbers;
    }

    /** Returns the subscribers of each topic. Topics with the same subscribers share an array. */
    private static int[][] subscribers(int topicCount, List<Subscription> subscriptions) {
        Map<BitSet, int[]> shared = new HashMap<>();
        int[][] subscribers = new int[topicCount][];
        for (int t = 0; t < topicCount; t++) {
            BitSet members = new BitSet();
            for (Subscription subscription : subscriptions) {
                if (subscription.topics().get(t)) {
                    members.or(subscription.members());
                }
            }
            subscribers[t] = shared.computeIfAbsent(members, numbers -> numbers.stream().toArray());
        }
        return subscribers;
    }

    int memberCount() {
        return members.size();
    }

    int partitionCount() {
        return partitions.size();
    }

    MemberSpec member(int member) {
        return members.get(member);
    }

    PartitionId partition(int p) {
        return partitions.get(p);
    }

    int holder(int p) {
        return holder[p];
    }

    Iterable<Integer> partitionsOf(int member) {
        return partitionsByMember.get(member);
    }

    int load(int member) {
        return partitionsByMember.get(member).size();
    }

    boolean subscribes(int member, int p) {
        return topicsRead[member].get(topicOf[p]);
    }

    int[] subscribers(int p) {
        return subscribers[topicOf[p]];
    }

    int leastLoaded() {
        return byLoad.first();
    }

    int minLoad() {
        return load(byLoad.first());
    }

    /** The assignment must not change during an iteration. */
    Iterable<Integer> byAscendingLoad() {
        return byLoad;
    }

    List<Integer> byDescendingLoad() {
        return List.copyOf(byLoad.descendingSet());
    }

    boolean hasPartitionFor(int from, int to) {
        TreeSet<Integer> held = partitionsByMember.get(from);
        for (Integer p = held.isEmpty() ? null : held.first();
                p != null;
                p = held.ceiling(firstOf[topicOf[p] + 1])) {
            if (topicsRead[to].get(topicOf[p])) {
                return true;
            }
        }
        return false;
    }

    void assign(int p, int to) {
        int from = holder[p];
        if (from != NONE) {
            byLoad.remove(from);
            partitionsByMember.get(from).remove(p);
            byLoad.add(from);
        }
        byLoad.remove(to);
        partitionsByMember.get(to).add(p);
        byLoad.add(to);
        holder[p] = to;
    }

    /**
     * Finds the shortest chain from {@code from} to a member with at most this load, in which each
     * member can pass a partition to the next; empty if there is none.
     */
    int[] pathToLighterMember(int from, int load) {
        int[] before = new int[members.size()];
        Arrays.fill(before, NONE);
        BitSet topicsSeen = new BitSet();
        List<Integer> queue = new ArrayList<>(List.of(from));
        before[from] = from;
        for (int i = 0; i < queue.size(); i++) {
            int here = queue.get(i);
            TreeSet<Integer> held = partitionsByMember.get(here);
            for (Integer p = held.isEmpty() ? null : held.first();
                    p != null;
                    p = held.ceiling(firstOf[topicOf[p] + 1])) {
                int t = topicOf[p];
                if (topicsSeen.get(t)) {
                    continue;
                }
                topicsSeen.set(t);
                for (int next : subscribers[t]) {
                    if (before[next] == NONE) {
                        before[next] = here;
                        if (load(next) <= load) {
                            return path(before, next);
                        }
                        queue.add(next);
                    }
                }
            }
        }
        return new int[0];
    }

    private static int[] path(int[] before, int end) {
        List<Integer> way = new ArrayList<>(List.of(end));
        for (int here = end; before[here] != here; here = before[here]) {
            way.addFirst(before[here]);
        }
        return way.stream().mapToInt(Integer::intValue).toArray();
    }

    Map<PartitionId, String> result() {
        Map<PartitionId, String> result = new HashMap<>();
        for (int p = 0; p < holder.length; p++) {
            if (holder[p] != NONE) {
                result.put(partitions.get(p), members.get(holder[p]).id());
            }
        }
        return result;
    }
}
