package io.millrace.simulation.workload;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.jspecify.annotations.Nullable;

/** The requests of a member of a classic group, and the assignments in their answers. */
record KafkaMemberRequests(KafkaMember.Identity identity) {

    private static final String TYPE = "consumer";
    private static final String STRATEGY = "alternating";
    private static final int REBALANCE_MS = 10_000;

    private @Nullable String instance() {
        return identity.instance().isEmpty() ? null : identity.instance();
    }

    JoinGroupRequestData join(String memberId) {
        JoinGroupRequestData.JoinGroupRequestProtocolCollection strategies =
                new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        strategies.add(
                new JoinGroupRequestData.JoinGroupRequestProtocol()
                        .setName(STRATEGY)
                        .setMetadata(
                                bytes(
                                        MessageUtil.toVersionPrefixedByteBuffer(
                                                (short) 1,
                                                new ConsumerProtocolSubscription()
                                                        .setTopics(List.of(identity.topic()))))));
        return new JoinGroupRequestData()
                .setGroupId(identity.group())
                .setSessionTimeoutMs(identity.sessionMs())
                .setRebalanceTimeoutMs(REBALANCE_MS)
                .setMemberId(memberId)
                .setGroupInstanceId(instance())
                .setProtocolType(TYPE)
                .setProtocols(strategies);
    }

    /** Assigns the partitions if the member is the leader and has to assign. */
    SyncGroupRequestData sync(JoinGroupResponseData joined) {
        List<SyncGroupRequestData.SyncGroupRequestAssignment> assignments = new ArrayList<>();
        if (joined.leader().equals(joined.memberId()) && !joined.skipAssignment()) {
            List<String> members =
                    joined.members().stream().map(member -> member.memberId()).sorted().toList();
            for (int i = 0; i < members.size(); i++) {
                assignments.add(
                        new SyncGroupRequestData.SyncGroupRequestAssignment()
                                .setMemberId(members.get(i))
                                .setAssignment(assignment(i, members.size())));
            }
        }
        return new SyncGroupRequestData()
                .setGroupId(identity.group())
                .setGenerationId(joined.generationId())
                .setMemberId(joined.memberId())
                .setGroupInstanceId(instance())
                .setProtocolType(TYPE)
                .setProtocolName(STRATEGY)
                .setAssignments(assignments);
    }

    private byte[] assignment(int member, int members) {
        ConsumerProtocolAssignment.TopicPartitionCollection topics =
                new ConsumerProtocolAssignment.TopicPartitionCollection();
        topics.add(
                new ConsumerProtocolAssignment.TopicPartition()
                        .setTopic(identity.topic())
                        .setPartitions(
                                IntStream.range(0, identity.partitions())
                                        .filter(partition -> partition % members == member)
                                        .boxed()
                                        .toList()));
        return bytes(
                MessageUtil.toVersionPrefixedByteBuffer(
                        (short) 1, new ConsumerProtocolAssignment().setAssignedPartitions(topics)));
    }

    List<Integer> partitions(SyncGroupResponseData answer) {
        ByteBuffer assignment = ByteBuffer.wrap(answer.assignment());
        if (assignment.remaining() == 0) {
            return List.of();
        }
        ConsumerProtocolAssignment decoded =
                new ConsumerProtocolAssignment(
                        new ByteBufferAccessor(assignment), assignment.getShort());
        return decoded.assignedPartitions().stream()
                .flatMap(topic -> topic.partitions().stream())
                .toList();
    }

    HeartbeatRequestData heartbeat(String memberId, int generation) {
        return new HeartbeatRequestData()
                .setGroupId(identity.group())
                .setMemberId(memberId)
                .setGroupInstanceId(instance())
                .setGenerationId(generation);
    }

    LeaveGroupRequestData leave(String memberId) {
        return new LeaveGroupRequestData()
                .setGroupId(identity.group())
                .setMembers(
                        List.of(
                                new LeaveGroupRequestData.MemberIdentity()
                                        .setMemberId(memberId)
                                        .setGroupInstanceId(instance())));
    }

    OffsetCommitRequestData commit(String memberId, int generation, int partition, long offset) {
        return new OffsetCommitRequestData()
                .setGroupId(identity.group())
                .setMemberId(memberId)
                .setGroupInstanceId(instance())
                .setGenerationIdOrMemberEpoch(generation)
                .setTopics(
                        List.of(
                                new OffsetCommitRequestData.OffsetCommitRequestTopic()
                                        .setName(identity.topic())
                                        .setPartitions(
                                                List.of(
                                                        new OffsetCommitRequestData
                                                                        .OffsetCommitRequestPartition()
                                                                .setPartitionIndex(partition)
                                                                .setCommittedOffset(offset)))));
    }

    OffsetFetchRequestData fetch(Collection<Integer> partitions) {
        return new OffsetFetchRequestData()
                .setGroupId(identity.group())
                .setRequireStable(true)
                .setTopics(
                        List.of(
                                new OffsetFetchRequestData.OffsetFetchRequestTopic()
                                        .setName(identity.topic())
                                        .setPartitionIndexes(List.copyOf(partitions))));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
