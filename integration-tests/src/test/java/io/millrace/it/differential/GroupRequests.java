package io.millrace.it.differential;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.jspecify.annotations.Nullable;

/** Requests of groups, and the bytes that members of type {@code consumer} exchange. */
final class GroupRequests {

    static final String CONSUMER = "consumer";

    private GroupRequests() {}

    /** Returns a request to join; the protocols have the subscription as their metadata. */
    static JoinGroupRequestData join(
            String group, String member, String topic, String... protocols) {
        var request =
                new JoinGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setSessionTimeoutMs(30_000)
                        .setRebalanceTimeoutMs(30_000)
                        .setProtocolType(CONSUMER);
        for (String protocol : protocols) {
            request.protocols()
                    .mustAdd(
                            new JoinGroupRequestProtocol()
                                    .setName(protocol)
                                    .setMetadata(subscription(topic)));
        }
        return request;
    }

    static byte[] subscription(String... topics) {
        return bytes(
                MessageUtil.toVersionPrefixedByteBuffer(
                        (short) 1, new ConsumerProtocolSubscription().setTopics(List.of(topics))));
    }

    static byte[] assignment(String topic, Integer... partitions) {
        var data = new ConsumerProtocolAssignment();
        data.assignedPartitions()
                .add(
                        new ConsumerProtocolAssignment.TopicPartition()
                                .setTopic(topic)
                                .setPartitions(List.of(partitions)));
        return bytes(MessageUtil.toVersionPrefixedByteBuffer((short) 3, data));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    static LeaveGroupRequestData leave(String group, MemberIdentity... members) {
        return new LeaveGroupRequestData().setGroupId(group).setMembers(List.of(members));
    }

    static MemberIdentity identity(String member, @Nullable String instance) {
        return new MemberIdentity().setMemberId(member).setGroupInstanceId(instance);
    }

    /** Returns a commit of the offset 5 for some partitions. */
    static OffsetCommitRequestData commit(
            String group, String member, int generation, String topic, int... partitions) {
        return commit(group, member, generation, topic, Uuid.ZERO_UUID, partitions);
    }

    static OffsetCommitRequestData commit(
            String group, String member, int generation, String topic, Uuid id, int... partitions) {
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setGenerationIdOrMemberEpoch(generation)
                .setTopics(List.of(committed(topic, id, partitions)));
    }

    static OffsetCommitRequestTopic committed(String topic, Uuid id, int... partitions) {
        return new OffsetCommitRequestTopic()
                .setName(topic)
                .setTopicId(id)
                .setPartitions(
                        Arrays.stream(partitions)
                                .mapToObj(partition ->
                                        new OffsetCommitRequestPartition()
                                                .setPartitionIndex(partition)
                                                .setCommittedOffset(5)
                                                .setCommittedMetadata("text"))
                                .toList());
    }

    static DescribeGroupsRequestData describe(String... groups) {
        return new DescribeGroupsRequestData().setGroups(List.of(groups));
    }

    static DeleteGroupsRequestData delete(String... groups) {
        return new DeleteGroupsRequestData().setGroupsNames(List.of(groups));
    }

    /**
     * Waits until Kafka has made its internal topic and loaded it. A coordinator that still loads
     * answers heartbeats without an error, so only a refused member shows that it is ready.
     */
    static void awaitCoordinator(Side side) {
        Errors error;
        do {
            var found =
                    (FindCoordinatorResponseData)
                            side.quietly(
                                            ApiKeys.FIND_COORDINATOR,
                                            4,
                                            new FindCoordinatorRequestData()
                                                    .setCoordinatorKeys(List.of("any")))
                                    .orElseThrow();
            error = Errors.forCode(found.coordinators().getFirst().errorCode());
            if (error == Errors.NONE) {
                var heartbeat =
                        (HeartbeatResponseData)
                                side.quietly(
                                                ApiKeys.HEARTBEAT,
                                                4,
                                                new HeartbeatRequestData()
                                                        .setGroupId("any")
                                                        .setMemberId("m"))
                                        .orElseThrow();
                error = Errors.forCode(heartbeat.errorCode());
            }
        } while (error != Errors.UNKNOWN_MEMBER_ID);
    }
}
