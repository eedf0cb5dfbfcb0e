package io.millrace.group.assignor;

import io.millrace.group.assignor.AssignmentSpec.MemberSpec;
import io.millrace.metadata.topic.PartitionId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        Map<PartitionId, String> shares = new HashMap<>();
        sharing.topics()
                .forEach((topicId, count) -> {
                    List<MemberSpec> readers =
                            members.stream()
                                    .filter(member -> member.topics().contains(topicId))
                                    .toList();
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
