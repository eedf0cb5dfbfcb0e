package io.millrace.it.differential;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests of groups and topics, and bytes that are no requests, to a broker of Kafka and to
 * Millrace.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class DifferentialRequestsIT {

    @TempDir static Path folder;
    private BrokerPair pair;

    @BeforeAll
    void start() throws Exception {
        pair = BrokerPair.start(folder);
    }

    @AfterAll
    void stop() throws Exception {
        pair.close();
    }

    @Test
    void bytesThatAreNoRequests() {
        pair.compare(side -> {
            side.raw("huge length", frame(Integer.MAX_VALUE, new byte[8]));
            side.raw("negative length", frame(-1, new byte[8]));
            side.raw("empty frame", frame(0, new byte[0]));
            side.raw("short header", frame(4, new byte[4]));
            side.raw("unknown api", request(999, 0, new byte[0]));
            side.raw("negative api", request(-1, 0, new byte[0]));
            for (ApiKeys api :
                    List.of(
                            ApiKeys.PRODUCE,
                            ApiKeys.FETCH,
                            ApiKeys.METADATA,
                            ApiKeys.JOIN_GROUP,
                            ApiKeys.OFFSET_COMMIT,
                            ApiKeys.CREATE_TOPICS,
                            ApiKeys.API_VERSIONS)) {
                side.raw(api + " of a version to come", request(api.id, 99, new byte[20]));
                side.raw(api + " of version -1", request(api.id, -1, new byte[20]));
                side.raw(
                        api + " without a body", request(api.id, api.latestVersion(), new byte[0]));
                byte[] full = new byte[40];
                Arrays.fill(full, (byte) 0x7f);
                side.raw(api + " of billions", request(api.id, api.latestVersion(), full));
                side.raw(api + " of billions, old", request(api.id, api.oldestVersion(), full));
            }
        });
    }

    @Test
    void saslWithoutAuthentication() {
        pair.compare(side -> {
            side.each(
                    "handshake",
                    ApiKeys.SASL_HANDSHAKE,
                    v -> new SaslHandshakeRequestData().setMechanism("PLAIN"));
            side.each(
                    "token",
                    ApiKeys.SASL_AUTHENTICATE,
                    v -> new SaslAuthenticateRequestData().setAuthBytes(new byte[5]));
            side.call("afterwards", ApiKeys.SASL_HANDSHAKE, 1, new SaslHandshakeRequestData());
        });
    }

    @Test
    void errorsOfClassicGroups() {
        pair.compare(side -> {
            side.createTopic("grouped", 2);
            GroupRequests.awaitCoordinator(side);
            for (int version = 0; version <= 4; version++) {
                var heartbeat =
                        new HeartbeatRequestData()
                                .setGroupId("unknown")
                                .setMemberId("m")
                                .setGenerationId(1);
                side.call("unknown group", ApiKeys.HEARTBEAT, version, heartbeat);
                side.call(
                        "no group",
                        ApiKeys.HEARTBEAT,
                        version,
                        new HeartbeatRequestData().setGroupId("").setMemberId("m"));
            }
            for (int version = 0; version <= 5; version++) {
                side.call(
                        "unknown group",
                        ApiKeys.SYNC_GROUP,
                        version,
                        new SyncGroupRequestData()
                                .setGroupId("unknown")
                                .setMemberId("m")
                                .setGenerationId(1)
                                .setProtocolType(version >= 5 ? "consumer" : null)
                                .setProtocolName(version >= 5 ? "range" : null));
                side.call(
                        "no group",
                        ApiKeys.SYNC_GROUP,
                        version,
                        new SyncGroupRequestData()
                                .setGroupId("")
                                .setMemberId("m")
                                .setGenerationId(1));
                side.call(
                        "unknown group",
                        ApiKeys.LEAVE_GROUP,
                        version,
                        leave("unknown", "m", version));
                side.call("no group", ApiKeys.LEAVE_GROUP, version, leave("", "m", version));
            }
            for (int version = 0; version <= 9; version++) {
                side.call("no group", ApiKeys.JOIN_GROUP, version, join("", "", version));
                side.call(
                        "unknown member",
                        ApiKeys.JOIN_GROUP,
                        version,
                        join("g-" + version, "m", version));
                side.call(
                        "session too short",
                        ApiKeys.JOIN_GROUP,
                        version,
                        join("g-" + version, "", version).setSessionTimeoutMs(1));
                side.call(
                        "session too long",
                        ApiKeys.JOIN_GROUP,
                        version,
                        join("g-" + version, "", version).setSessionTimeoutMs(Integer.MAX_VALUE));
                side.call(
                        "no protocols",
                        ApiKeys.JOIN_GROUP,
                        version,
                        join("g-" + version, "", version)
                                .setProtocols(
                                        new JoinGroupRequestData
                                                .JoinGroupRequestProtocolCollection()));
                side.call(
                        "no type",
                        ApiKeys.JOIN_GROUP,
                        version,
                        join("g-" + version, "", version).setProtocolType(""));
                lifeOfAMember(side, version);
            }
            for (int version = 0; version <= 6; version++) {
                side.call(
                        "unknown",
                        ApiKeys.DESCRIBE_GROUPS,
                        version,
                        new DescribeGroupsRequestData().setGroups(List.of("unknown", "")));
            }
            for (int version = 0; version <= 2; version++) {
                side.call(
                        "unknown",
                        ApiKeys.DELETE_GROUPS,
                        version,
                        new DeleteGroupsRequestData().setGroupsNames(List.of("unknown")));
                side.call(
                        "empty",
                        ApiKeys.DELETE_GROUPS,
                        version,
                        new DeleteGroupsRequestData().setGroupsNames(List.of("")));
                side.call(
                        "left",
                        ApiKeys.DELETE_GROUPS,
                        version,
                        new DeleteGroupsRequestData().setGroupsNames(List.of("life-" + version)));
            }
        });
    }

    private static void lifeOfAMember(Side side, int version) {
        String group = "life-" + version;
        var request = join(group, "", version);
        var first = joined(side.call(group + " first", ApiKeys.JOIN_GROUP, version, request));
        if (first.errorCode() == Errors.MEMBER_ID_REQUIRED.code()) {
            first =
                    joined(
                            side.call(
                                    group + " second",
                                    ApiKeys.JOIN_GROUP,
                                    version,
                                    request.setMemberId(first.memberId())));
        } else {
            side.note(group + " second JoinGroup v" + version, Map.of());
        }
        String member = first.memberId();
        int generation = first.generationId();
        side.call(
                group + " too early",
                ApiKeys.HEARTBEAT,
                4,
                new HeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setGenerationId(generation));
        side.call(
                group + " wrong generation",
                ApiKeys.SYNC_GROUP,
                4,
                new SyncGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setGenerationId(generation + 1));
        side.call(
                group + " wrong member",
                ApiKeys.SYNC_GROUP,
                4,
                new SyncGroupRequestData()
                        .setGroupId(group)
                        .setMemberId("other")
                        .setGenerationId(generation));
        side.call(
                group + " right",
                ApiKeys.SYNC_GROUP,
                4,
                new SyncGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setGenerationId(generation)
                        .setAssignments(
                                List.of(
                                        new SyncGroupRequestData.SyncGroupRequestAssignment()
                                                .setMemberId(member)
                                                .setAssignment(assignment()))));
        side.call(
                group + " right",
                ApiKeys.HEARTBEAT,
                4,
                new HeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setGenerationId(generation));
        side.call(
                group + " generation before",
                ApiKeys.HEARTBEAT,
                4,
                new HeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setGenerationId(generation - 1));
        side.call(
                group + " wrong member",
                ApiKeys.HEARTBEAT,
                4,
                new HeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId("other")
                        .setGenerationId(generation));
        side.call(group + " commit", ApiKeys.OFFSET_COMMIT, 8, commit(group, member, generation));
        side.call(
                group + " commit of another generation",
                ApiKeys.OFFSET_COMMIT,
                8,
                commit(group, member, generation + 1));
        side.call(
                group + " commit of another member",
                ApiKeys.OFFSET_COMMIT,
                8,
                commit(group, "other", generation));
        side.call(group + " commit of no member", ApiKeys.OFFSET_COMMIT, 8, commit(group, "", -1));
        side.call(
                group + " stable",
                ApiKeys.DESCRIBE_GROUPS,
                5,
                new DescribeGroupsRequestData().setGroups(List.of(group)));
        side.call(
                group + " stable",
                ApiKeys.DELETE_GROUPS,
                2,
                new DeleteGroupsRequestData().setGroupsNames(List.of(group)));
        side.call(group + " leave", ApiKeys.LEAVE_GROUP, 4, leave(group, member, 4));
        side.call(group + " leave again", ApiKeys.LEAVE_GROUP, 4, leave(group, member, 4));
        side.call(
                group + " left",
                ApiKeys.DESCRIBE_GROUPS,
                5,
                new DescribeGroupsRequestData().setGroups(List.of(group)));
        side.call(group + " simple commit", ApiKeys.OFFSET_COMMIT, 8, commit(group, "", -1));
    }

    private static JoinGroupResponseData joined(Optional<ApiMessage> answer) {
        return (JoinGroupResponseData) answer.orElseThrow();
    }

    private static OffsetCommitRequestData commit(String group, String member, int generation) {
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setGenerationIdOrMemberEpoch(generation)
                .setTopics(List.of(topic("grouped", 0), topic("grouped-not", 0)));
    }

    private static OffsetCommitRequestData.OffsetCommitRequestTopic topic(
            String name, int partition) {
        return new OffsetCommitRequestData.OffsetCommitRequestTopic()
                .setName(name)
                .setPartitions(
                        List.of(
                                new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                        .setPartitionIndex(partition)
                                        .setCommittedOffset(0)
                                        .setCommittedMetadata("m")));
    }

    private static byte[] assignment() {
        var data = new ConsumerProtocolAssignment();
        data.assignedPartitions()
                .add(
                        new ConsumerProtocolAssignment.TopicPartition()
                                .setTopic("grouped")
                                .setPartitions(List.of(0, 1)));
        return bytes(MessageUtil.toVersionPrefixedByteBuffer((short) 3, data));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static LeaveGroupRequestData leave(String group, String member, int version) {
        var request = new LeaveGroupRequestData().setGroupId(group);
        return version < 3
                ? request.setMemberId(member)
                : request.setMembers(
                        List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId(member)));
    }

    private static JoinGroupRequestData join(String group, String member, int version) {
        var subscription = new ConsumerProtocolSubscription().setTopics(List.of("grouped"));
        var request =
                new JoinGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setSessionTimeoutMs(30_000)
                        .setRebalanceTimeoutMs(version == 0 ? -1 : 30_000)
                        .setProtocolType("consumer");
        request.protocols()
                .add(
                        new JoinGroupRequestData.JoinGroupRequestProtocol()
                                .setName("range")
                                .setMetadata(
                                        bytes(
                                                MessageUtil.toVersionPrefixedByteBuffer(
                                                        (short) 1, subscription))));
        return request;
    }

    private static byte[] frame(int size, byte[] content) {
        return ByteBuffer.allocate(4 + content.length).putInt(size).put(content).array();
    }

    private static byte[] request(int api, int version, byte[] body) {
        // Correlation id 1, null for the client id.
        byte[] content =
                ByteBuffer.allocate(10 + body.length)
                        .putShort((short) api)
                        .putShort((short) version)
                        .putInt(1)
                        .putShort((short) -1)
                        .put(body)
                        .array();
        return frame(content.length, content);
    }
}
