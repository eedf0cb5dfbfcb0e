package io.millrace.group.assignor;

import io.millrace.group.assignor.AssignmentSpec.MemberSpec;
import io.millrace.metadata.topic.PartitionId;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Assigns each topic separately, in consecutive ranges to the subscribers by rank; the first
 * subscribers receive the remainder.
 */
final class RangeAssignor {

    private RangeAssignor() {}

    static Map<PartitionId, String> partitions(AssignmentSpec sharing) {
        List<MemberSpec> members =
                sharing.members().stream()
                        .sorted(
                                Comparator.comparing(MemberSpec::rank)
                                        .thenComparing(MemberSpec::id))
                        .toList();
        Map<Set<Long>, Integer> subscriptions = new IdentityHashMap<>();
        members.forEach(member -> subscriptions.putIfAbsent(member.topics(), subscriptions.size()));
        // Topics in the same subscriptions have the same readers.
        Map<BitSet, List<MemberSpec>> readersBySubscriptions = new HashMap<>();
        Map<PartitionId, String> shares = new HashMap<>();
        sharing.topics()
                .forEach((topicId, count) -> {
                    BitSet reading = new BitSet();
                    subscriptions.forEach(
                            (topics, number) -> reading.set(number, topics.contains(topicId)));
                    List<MemberSpec> readers =
                            readersBySubscriptions.computeIfAbsent(
                                    reading,
                                    numbers ->
                                            members.stream()
                                                    .filter(member ->
                                                            numbers.get(
                                                                    subscriptions.getOrDefault(
                                                                            member.topics(), 0)))
                                                    .toList());
                    int next = 0;
                    for (int i = 0; i < readers.size(); i++) {
                        int size = count / readers.size() + (i < count % readers.size() ? 1 : 0);
                        for (int end = next + size; next < end; next++) {
                            shares.put(new PartitionId(topicId, next), readers.get(i).id());
                        }
                    }
                });
        return shares;
    }
}
