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
 * A group with its members, and how it stands to each partition that one of them has or that has a
 * committed offset. Immutable.
 *
 * @param summary the group in short
 * @param generation of members and leases
 * @param members in the order of their ids
 * @param partitions in the order of topics' names and of numbers
 */
public record GroupSnapshot(
        GroupSummary summary,
        int generation,
        List<GroupMember> members,
        List<Partition> partitions) {

    /**
     * How a group stands to a partition.
     *
     * @param topic its name
     * @param number of the partition
     * @param lease who has it
     * @param committed how far the group has got
     * @param logStartOffset first offset that can be read
     * @param highWatermark offset that the next record to be written will get
     * @param lag behind what is committed, or in all if nothing is
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

    /**
     * Describes a group as it is now. Only on the metadata's loop.
     *
     * @param nowMs milliseconds since 1970
     */
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
