package io.millrace.group.admin;

import io.millrace.group.lag.PartitionLag;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A group with its members and every partition that is leased or has a committed offset. Immutable.
 */
public record GroupSnapshot(
        GroupSummary summary,
        int generation,
        List<GroupMember> members,
        List<Partition> partitions) {

    /**
     * A group's state in one partition.
     *
     * @param lag without a commit, all readable records
     */
    public record Partition(
            String topic,
            int number,
            Optional<Lease> lease,
            Optional<CommittedOffset> committed,
            long logStartOffset,
            long highWatermark,
            PartitionLag lag) {}

    public GroupSnapshot {
        members = List.copyOf(members);
        partitions = List.copyOf(partitions);
    }

    /** Only on the metadata's event loop. */
    static GroupSnapshot of(Group group, Metadata metadata, long nowMs) {
        List<Partition> partitions = new ArrayList<>();
        for (long topicId : group.topics()) {
            metadata.topics()
                    .withId(topicId)
                    .ifPresent(topic -> {
                        for (int number : group.partitions(topicId)) {
                            metadata.view()
                                    .partition(topicId, number)
                                    .ifPresent(log ->
                                            partitions.add(
                                                    describe(group, topic, number, log, nowMs)));
                        }
                    });
        }
        partitions.sort(Comparator.comparing(Partition::topic).thenComparingInt(Partition::number));
        return new GroupSnapshot(
                GroupSummary.of(group), group.generation(), group.members(), partitions);
    }

    private static Partition describe(
            Group group, Topic topic, int number, PartitionLog log, long nowMs) {
        Optional<CommittedOffset> committed = group.committed(topic.id(), number);
        return new Partition(
                topic.name(),
                number,
                group.lease(topic.id(), number),
                committed,
                log.logStartOffset(),
                log.highWatermark(),
                PartitionLag.of(committed, log, nowMs));
    }
}
