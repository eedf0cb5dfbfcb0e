package io.millrace.group.assignor;

import io.millrace.group.assignor.AssignmentSpec.MemberSpec;
import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * An assignment under construction. Members and partitions are numbered in the order of ids, so
 * that the result is deterministic.
 */
final class AssignmentBuilder {

    static final int NONE = -1;

    private final List<MemberSpec> members;
    private final List<PartitionId> partitions = new ArrayList<>();
    private final List<Long> topics;
    private final int[] topicOf;

    private final int[][] subscribers;

    private final BitSet[] topicsRead;

    private final int[] holder;

    private final List<TreeSet<Integer>> partitionsByMember = new ArrayList<>();

    private final int[][] counts;

    private final TreeSet<Integer> byLoad;

    AssignmentBuilder(AssignmentSpec sharing) {
        members = sharing.members().stream().sorted(Comparator.comparing(MemberSpec::id)).toList();
        topics = List.copyOf(sharing.topics().keySet());
        subscribers = new int[topics.size()][];
        topicsRead = new BitSet[members.size()];
        counts = new int[members.size()][topics.size()];
        Map<Long, Integer> topicNumbers = new HashMap<>();
        sharing.topics()
                .forEach((topicId, count) -> {
                    topicNumbers.put(topicId, topicNumbers.size());
                    for (int i = 0; i < count; i++) {
                        partitions.add(new PartitionId(topicId, i));
                    }
                });
        for (int m = 0; m < members.size(); m++) {
            partitionsByMember.add(new TreeSet<>());
            topicsRead[m] = new BitSet();
            for (long topicId : members.get(m).topics()) {
                Integer topic = topicNumbers.get(topicId);
                if (topic != null) {
                    topicsRead[m].set(topic);
                }
            }
        }
        for (int t = 0; t < subscribers.length; t++) {
            int topic = t;
            subscribers[t] =
                    IntStream.range(0, members.size())
                            .filter(m -> topicsRead[m].get(topic))
                            .toArray();
        }
        topicOf =
                partitions.stream()
                        .mapToInt(key -> topicNumbers.getOrDefault(key.topicId(), 0))
                        .toArray();
        holder = new int[partitions.size()];
        Arrays.fill(holder, NONE);
        byLoad =
                new TreeSet<>(
                        Comparator.<Integer>comparingInt(this::load).thenComparingInt(m -> m));
        for (int m = 0; m < members.size(); m++) {
            byLoad.add(m);
        }
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
        for (int t = topicsRead[to].nextSetBit(0); t >= 0; t = topicsRead[to].nextSetBit(t + 1)) {
            if (counts[from][t] > 0) {
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
            counts[from][topicOf[p]]--;
            byLoad.add(from);
        }
        byLoad.remove(to);
        partitionsByMember.get(to).add(p);
        counts[to][topicOf[p]]++;
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
            for (int t = 0; t < topics.size(); t++) {
                if (counts[here][t] == 0 || topicsSeen.get(t)) {
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
