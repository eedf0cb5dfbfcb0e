package io.millrace.client.admin;

import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.DescribeGroupResponse;
import io.millrace.protocol.v1.GroupPartition;
import io.millrace.protocol.v1.GroupSummary;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A consumer group: its members, and how it stands to each partition that one of them has or that
 * has a committed offset. Immutable.
 *
 * @param summary the group in short
 * @param generation rises by 1 with each change of members or of who has what
 * @param members by id
 * @param partitions by topic and number
 */
public record GroupDescription(
        Summary summary, int generation, List<Member> members, List<Partition> partitions) {

    /** What a group is doing. */
    public enum State {
        /** It has no members. */
        EMPTY,
        /** It has members, and a node coordinates them. */
        ACTIVE,
        /** It has members, and the node that coordinated them is gone. */
        UNCOORDINATED,
        /** Something that this client does not know. */
        UNKNOWN
    }

    /**
     * A group in short.
     *
     * @param group its id
     * @param state what it is doing
     * @param protocol how its members are served, in a word; empty if it never had any
     * @param coordinator the id of the node that coordinates it; empty if none is known to
     * @param memberCount how many members it has
     */
    public record Summary(
            String group, State state, String protocol, String coordinator, int memberCount) {

        static Summary of(GroupSummary wire) {
            return new Summary(
                    wire.getGroup(),
                    switch (wire.getState()) {
                        case EMPTY -> State.EMPTY;
                        case ACTIVE -> State.ACTIVE;
                        case UNCOORDINATED -> State.UNCOORDINATED;
                        case GROUP_STATE_UNSPECIFIED, UNRECOGNIZED -> State.UNKNOWN;
                    },
                    wire.getProtocol(),
                    wire.getCoordinator(),
                    wire.getMemberCount());
        }
    }

    /**
     * A member.
     *
     * @param id of the member
     * @param instanceId the name that it keeps across restarts; empty if it has none
     * @param clientId what it calls itself; may be empty
     * @param zone where it runs; empty if it did not say
     */
    public record Member(String id, String instanceId, String clientId, String zone) {}

    /**
     * How a group stands to a partition.
     *
     * @param id which partition
     * @param member the id of the member that has it; empty if nobody has
     * @param committed offset of the next record that the group wants; empty if it committed none
     * @param metadata what was committed beside it
     * @param logStartOffset first offset that can be read
     * @param highWatermark offset that the next record to be written will get
     * @param lagRecords offsets that can be read from the committed one on, or all that can be read
     *     without one: members may begin further on; empty if the server does not say
     * @param lag how old the first record behind the committed offset is at least; empty without
     *     one, or if the record has no time
     */
    public record Partition(
            TopicPartition id,
            String member,
            OptionalLong committed,
            String metadata,
            long logStartOffset,
            long highWatermark,
            OptionalLong lagRecords,
            Optional<Duration> lag) {

        private static Partition of(GroupPartition wire) {
            return new Partition(
                    new TopicPartition(wire.getTopic(), wire.getPartition()),
                    wire.getMemberId(),
                    wire.hasCommittedOffset()
                            ? OptionalLong.of(wire.getCommittedOffset())
                            : OptionalLong.empty(),
                    wire.getMetadata(),
                    wire.getLogStartOffset(),
                    wire.getHighWatermark(),
                    wire.hasLagRecords()
                            ? OptionalLong.of(wire.getLagRecords())
                            : OptionalLong.empty(),
                    wire.hasLagMs()
                            ? Optional.of(Duration.ofMillis(wire.getLagMs()))
                            : Optional.empty());
        }
    }

    public GroupDescription {
        members = List.copyOf(members);
        partitions = List.copyOf(partitions);
    }

    static GroupDescription of(DescribeGroupResponse wire) {
        return new GroupDescription(
                Summary.of(wire.getSummary()),
                wire.getGeneration(),
                wire.getMembersList().stream()
                        .map(member ->
                                new Member(
                                        member.getMemberId(),
                                        member.getInstanceId(),
                                        member.getClientId(),
                                        member.getZone()))
                        .toList(),
                wire.getPartitionsList().stream().map(Partition::of).toList());
    }
}
