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
 * A consumer group, with members by id and partitions by topic and number. Immutable.
 *
 * @param generation the generation, which increases by 1 with each change of members or assignments
 * @param partitions the partitions that are assigned or have a committed offset
 */
public record GroupDescription(
        Summary summary, int generation, List<Member> members, List<Partition> partitions) {

    /** The state of a group. */
    public enum State {
        EMPTY,
        ACTIVE,
        /** The group has members, but its coordinator is dead. */
        UNCOORDINATED,
        UNKNOWN
    }

    /**
     * The summary of a group.
     *
     * @param protocol the protocol of the members; empty if the group never had any
     * @param coordinator the id of the coordinating node; empty if unknown
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
     * A member of a group.
     *
     * @param instanceId the id kept across restarts; empty for a dynamic member
     * @param clientId the name for operators; may be empty
     * @param zone the zone; empty if unknown
     */
    public record Member(String id, String instanceId, String clientId, String zone) {}

    /**
     * The state of a group in a partition.
     *
     * @param member the id of the assigned member; empty if unassigned
     * @param committed the offset of the next record to be read; empty without a commit
     * @param lagRecords the number of readable offsets from the committed offset, or of all
     *     readable offsets without a commit; empty if not reported
     * @param lag the minimum age of the first record after the committed offset; empty without such
     *     a record or timestamp
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
