package io.millrace.kafka.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.topic.Topic;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;

/** Tests of the group requests of one client through a connection. */
final class GroupHandlersTest {

    private final GroupClient client = new GroupClient();
    private final Topic topic = client.fixture.createTopic("t", 2);
    private String memberId = "";
    private int generation = -1;

    private JoinGroupResponseData join() {
        JoinGroupRequestData request =
                new JoinGroupRequestData()
                        .setGroupId("g")
                        .setMemberId(memberId)
                        .setProtocolType("consumer")
                        .setSessionTimeoutMs(30_000)
                        .setRebalanceTimeoutMs(30_000);
        request.protocols()
                .add(
                        new JoinGroupRequestData.JoinGroupRequestProtocol()
                                .setName("range")
                                .setMetadata(
                                        MessageUtil.toVersionPrefixedBytes(
                                                (short) 0,
                                                new ConsumerProtocolSubscription()
                                                        .setTopics(List.of("t")))));
        return client.call(ApiKeys.JOIN_GROUP, request, JoinGroupResponseData.class);
    }

    private SyncGroupResponseData sync(int... partitions) {
        ConsumerProtocolAssignment assignment = new ConsumerProtocolAssignment();
        assignment
                .assignedPartitions()
                .add(
                        new ConsumerProtocolAssignment.TopicPartition()
                                .setTopic("t")
                                .setPartitions(IntStream.of(partitions).boxed().toList()));
        ByteBuffer bytes = MessageUtil.toVersionPrefixedByteBuffer((short) 0, assignment);
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        return client.call(
                ApiKeys.SYNC_GROUP,
                new SyncGroupRequestData()
                        .setGroupId("g")
                        .setMemberId(memberId)
                        .setGenerationId(generation)
                        .setProtocolType("consumer")
                        .setProtocolName("range")
                        .setAssignments(
                                List.of(
                                        new SyncGroupRequestData.SyncGroupRequestAssignment()
                                                .setMemberId(memberId)
                                                .setAssignment(array))),
                SyncGroupResponseData.class);
    }

    private void joinAndSync(int... partitions) {
        JoinGroupResponseData promised = join();
        assertThat(promised.errorCode()).isEqualTo(Errors.MEMBER_ID_REQUIRED.code());
        memberId = promised.memberId();
        JoinGroupResponseData joined = join();
        assertThat(joined.errorCode()).isEqualTo(Errors.NONE.code());
        assertThat(joined.leader()).isEqualTo(memberId);
        assertThat(joined.members()).hasSize(1);
        generation = joined.generationId();
        assertThat(sync(partitions).errorCode()).isEqualTo(Errors.NONE.code());
    }

    private Errors commit(String member, int memberGeneration, int partition) {
        return commit(9, member, memberGeneration, partition);
    }

    private Errors commit(int version, String member, int memberGeneration, int partition) {
        OffsetCommitRequestData.OffsetCommitRequestTopic wanted =
                new OffsetCommitRequestData.OffsetCommitRequestTopic().setName("t");
        wanted.partitions()
                .add(
                        new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(5)
                                .setCommittedMetadata("note"));
        OffsetCommitRequestData request =
                new OffsetCommitRequestData()
                        .setGroupId("g")
                        .setMemberId(member)
                        .setGenerationIdOrMemberEpoch(memberGeneration)
                        .setTopics(List.of(wanted));
        OffsetCommitResponseData answer =
                client.call(
                        ApiKeys.OFFSET_COMMIT, version, request, OffsetCommitResponseData.class);
        return Errors.forCode(answer.topics().getFirst().partitions().getFirst().errorCode());
    }

    private long committed(int partition) {
        OffsetFetchRequestData.OffsetFetchRequestGroup group =
                new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId("g")
                        .setTopics(
                                List.of(
                                        new OffsetFetchRequestData.OffsetFetchRequestTopics()
                                                .setTopicId(client.ids.of(topic))
                                                .setPartitionIndexes(List.of(partition))));
        return client.call(
                        ApiKeys.OFFSET_FETCH,
                        new OffsetFetchRequestData().setGroups(List.of(group)),
                        OffsetFetchResponseData.class)
                .groups()
                .getFirst()
                .topics()
                .getFirst()
                .partitions()
                .getFirst()
                .committedOffset();
    }

    private LeaveGroupResponseData leave() {
        return client.call(
                ApiKeys.LEAVE_GROUP,
                new LeaveGroupRequestData()
                        .setGroupId("g")
                        .setMembers(
                                List.of(
                                        new LeaveGroupRequestData.MemberIdentity()
                                                .setMemberId(memberId))),
                LeaveGroupResponseData.class);
    }

    @Test
    void coordinatorIsFoundInAllVersions() {
        for (int version = 0; version <= ApiKeys.FIND_COORDINATOR.latestVersion(); version++) {
            FindCoordinatorRequestData request = new FindCoordinatorRequestData();
            if (version < 4) {
                request.setKey("g");
            } else {
                request.setCoordinatorKeys(List.of("g"));
            }
            FindCoordinatorResponseData answer =
                    client.call(
                            ApiKeys.FIND_COORDINATOR,
                            version,
                            request,
                            FindCoordinatorResponseData.class);
            int node = version < 4 ? answer.nodeId() : answer.coordinators().getFirst().nodeId();
            assertThat(node).as("version %d", version).isEqualTo(GroupClient.NODE);
        }
    }

    @Test
    void aCoordinatorWithoutTheListenerOfTheClientIsNotAvailable() {
        FindCoordinatorResponseData answer =
                new GroupClient(KafkaListener.EXTERNAL)
                        .call(
                                ApiKeys.FIND_COORDINATOR,
                                new FindCoordinatorRequestData().setCoordinatorKeys(List.of("g")),
                                FindCoordinatorResponseData.class);
        assertThat(answer.coordinators().getFirst().errorCode())
                .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE.code());
    }

    @Test
    void classicMemberJoinsCommitsAndLeaves() {
        joinAndSync(0);

        assertThat(commit(memberId, generation, 0)).isEqualTo(Errors.NONE);
        assertThat(committed(0)).isEqualTo(5);
        assertThat(committed(1)).isEqualTo(-1);
        assertThat(commit(memberId, generation, 1))
                .as("never assigned")
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(commit(memberId, generation + 1, 0)).isEqualTo(Errors.ILLEGAL_GENERATION);
        assertThat(commit("", -1, 0)).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        HeartbeatResponseData beat =
                client.call(
                        ApiKeys.HEARTBEAT,
                        new HeartbeatRequestData()
                                .setGroupId("g")
                                .setMemberId(memberId)
                                .setGenerationId(generation),
                        HeartbeatResponseData.class);
        assertThat(beat.errorCode()).isEqualTo(Errors.NONE.code());

        assertThat(leave().members().getFirst().errorCode()).isEqualTo(Errors.NONE.code());
        assertThat(commit("", -1, 1)).as("a simple consumer").isEqualTo(Errors.NONE);
    }

    @Test
    void aGenerationOfAnUnknownGroupIsRefusedWithTheCodeOfTheVersion() {
        for (String member : List.of("m", "")) {
            assertThat(commit(8, member, 1, 0)).isEqualTo(Errors.ILLEGAL_GENERATION);
            assertThat(commit(9, member, 1, 0)).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        }
    }

    @Test
    void aMemberWithoutAGenerationCommitsToAnEmptyGroup() {
        assertThat(commit("m", -1, 0)).isEqualTo(Errors.NONE);
        assertThat(commit("m", -1, 0)).as("now that the group exists").isEqualTo(Errors.NONE);
        assertThat(commit("m", 1, 0)).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(commit("", 1, 0)).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    }

    @Test
    void groupIsDescribedListedAndDeleted() {
        joinAndSync(0, 1);
        DescribeGroupsResponseData.DescribedGroup described =
                client.call(
                                ApiKeys.DESCRIBE_GROUPS,
                                new DescribeGroupsRequestData().setGroups(List.of("g", "none")),
                                DescribeGroupsResponseData.class)
                        .groups()
                        .getFirst();
        assertThat(described.groupState()).isEqualTo("Stable");
        assertThat(described.protocolData()).isEqualTo("range");
        assertThat(described.members().getFirst().clientId()).isEqualTo("test-client");
        assertThat(
                        client.call(
                                        ApiKeys.LIST_GROUPS,
                                        new ListGroupsRequestData()
                                                .setStatesFilter(List.of("stable"))
                                                .setTypesFilter(List.of("Classic")),
                                        ListGroupsResponseData.class)
                                .groups())
                .extracting(ListGroupsResponseData.ListedGroup::groupId)
                .containsExactly("g");
        assertThat(delete("g")).isEqualTo(Errors.NON_EMPTY_GROUP);

        leave();

        assertThat(delete("g")).isEqualTo(Errors.NONE);
        assertThat(delete("g")).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        assertThat(delete("")).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
    }

    @Test
    void aGroupInItsFirstRebalanceIsListedWithItsType() {
        memberId = join().memberId();
        join();

        ListGroupsResponseData listed =
                client.call(
                        ApiKeys.LIST_GROUPS,
                        new ListGroupsRequestData(),
                        ListGroupsResponseData.class);

        assertThat(listed.groups().getFirst().groupState()).isEqualTo("CompletingRebalance");
        assertThat(listed.groups().getFirst().protocolType()).isEqualTo("consumer");
    }

    private Errors delete(String group) {
        return Errors.forCode(
                client.call(
                                ApiKeys.DELETE_GROUPS,
                                new DeleteGroupsRequestData().setGroupsNames(List.of(group)),
                                DeleteGroupsResponseData.class)
                        .results()
                        .iterator()
                        .next()
                        .errorCode());
    }

    @Test
    void offsetsOfSubscribedTopicsAreNotDeleted() {
        joinAndSync(0);
        commit(memberId, generation, 0);
        assertThat(deleteOffset()).isEqualTo(Errors.GROUP_SUBSCRIBED_TO_TOPIC);
        leave();

        assertThat(deleteOffset()).isEqualTo(Errors.NONE);

        assertThat(committed(0)).isEqualTo(-1);
    }

    private Errors deleteOffset() {
        OffsetDeleteRequestData request = new OffsetDeleteRequestData().setGroupId("g");
        request.topics()
                .add(
                        new OffsetDeleteRequestData.OffsetDeleteRequestTopic()
                                .setName("t")
                                .setPartitions(
                                        List.of(
                                                new OffsetDeleteRequestData
                                                                .OffsetDeleteRequestPartition()
                                                        .setPartitionIndex(0))));
        OffsetDeleteResponseData answer =
                client.call(ApiKeys.OFFSET_DELETE, request, OffsetDeleteResponseData.class);
        assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
        return Errors.forCode(
                answer.topics().iterator().next().partitions().iterator().next().errorCode());
    }

    private ConsumerGroupHeartbeatRequestData heartbeat(String id, int epoch) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId("g")
                .setMemberId(id)
                .setMemberEpoch(epoch);
    }

    private ConsumerGroupHeartbeatRequestData joinRequest(String id) {
        return heartbeat(id, 0)
                .setRebalanceTimeoutMs(30_000)
                .setSubscribedTopicNames(List.of("t"))
                .setTopicPartitions(List.of());
    }

    private ConsumerGroupHeartbeatResponseData send(ConsumerGroupHeartbeatRequestData request) {
        return client.call(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                request,
                ConsumerGroupHeartbeatResponseData.class);
    }

    /** Sends heartbeats until the assignment has some partitions, which the first may have. */
    private ConsumerGroupHeartbeatResponseData awaitAssignment(
            String id, ConsumerGroupHeartbeatResponseData joined, int count) {
        return joined.assignment() != null && assigned(joined).size() == count
                ? joined
                : awaitAssignment(id, joined.memberEpoch(), count);
    }

    /** Sends heartbeats until the assignment has some partitions. */
    private ConsumerGroupHeartbeatResponseData awaitAssignment(String id, int epoch, int count) {
        int current = epoch;
        for (int i = 0; i < 20; i++) {
            ConsumerGroupHeartbeatResponseData answer = send(heartbeat(id, current));
            assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
            current = answer.memberEpoch();
            if (answer.assignment() != null && assigned(answer).size() == count) {
                return answer;
            }
            client.loop.advance(Duration.ofMillis(500));
        }
        throw new AssertionError("no assignment of " + count);
    }

    private List<Integer> assigned(ConsumerGroupHeartbeatResponseData answer) {
        return answer.assignment().topicPartitions().stream()
                .flatMap(its -> its.partitions().stream())
                .toList();
    }

    private ConsumerGroupHeartbeatRequestData owning(String id, int epoch, Integer... partitions) {
        return heartbeat(id, epoch)
                .setTopicPartitions(
                        List.of(
                                new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                                        .setTopicId(client.ids.of(topic))
                                        .setPartitions(List.of(partitions))));
    }

    @Test
    void membersOfKip848ShareThePartitions() {
        ConsumerGroupHeartbeatResponseData first = send(joinRequest("a"));
        assertThat(first.errorCode()).isEqualTo(Errors.NONE.code());
        int epochA = awaitAssignment("a", first, 2).memberEpoch();
        send(owning("a", epochA, 0, 1));
        assertThat(commit("a", epochA, 1)).isEqualTo(Errors.NONE);

        ConsumerGroupHeartbeatResponseData second = send(joinRequest("b"));
        assertThat(second.errorCode()).isEqualTo(Errors.NONE.code());
        ConsumerGroupHeartbeatResponseData revoked = awaitAssignment("a", epochA, 1);
        int kept = assigned(revoked).getFirst();
        int moved = 1 - kept;
        send(owning("a", revoked.memberEpoch(), kept));
        ConsumerGroupHeartbeatResponseData gained = awaitAssignment("b", second.memberEpoch(), 1);

        assertThat(assigned(gained)).containsExactly(moved);
        assertThat(commit("b", gained.memberEpoch(), moved)).isEqualTo(Errors.NONE);
        assertThat(commit("b", gained.memberEpoch(), kept))
                .as("of another member, in the epoch of the group")
                .isEqualTo(Errors.STALE_MEMBER_EPOCH);
        assertThat(commit("a", revoked.memberEpoch(), moved)).isEqualTo(Errors.STALE_MEMBER_EPOCH);
        ConsumerGroupDescribeResponseData.DescribedGroup described =
                client.call(
                                ApiKeys.CONSUMER_GROUP_DESCRIBE,
                                new ConsumerGroupDescribeRequestData().setGroupIds(List.of("g")),
                                ConsumerGroupDescribeResponseData.class)
                        .groups()
                        .getFirst();
        assertThat(described.groupState()).isEqualTo("Stable");
        assertThat(described.assignorName()).isEqualTo("uniform");
        assertThat(described.members()).hasSize(2);

        assertThat(send(heartbeat("b", -1)).memberEpoch()).isEqualTo(-1);
        assertThat(assigned(awaitAssignment("a", revoked.memberEpoch(), 2))).hasSize(2);
        assertThat(send(heartbeat("b", gained.memberEpoch())).errorCode())
                .isEqualTo(Errors.UNKNOWN_MEMBER_ID.code());
    }

    /**
     * Member a shares the partitions with member b, which leaves, and a is assigned all of them.
     */
    private Epochs assignAgain() {
        int first = awaitAssignment("a", send(joinRequest("a")), 2).memberEpoch();
        ConsumerGroupHeartbeatResponseData joined = send(joinRequest("b"));
        ConsumerGroupHeartbeatResponseData revoked = awaitAssignment("a", first, 1);
        int kept = assigned(revoked).getFirst();
        send(owning("a", revoked.memberEpoch(), kept));
        awaitAssignment("b", joined, 1);
        send(heartbeat("b", -1));
        int last = awaitAssignment("a", revoked.memberEpoch(), 2).memberEpoch();
        assertThat(last).isGreaterThan(revoked.memberEpoch());
        return new Epochs(revoked.memberEpoch(), last, kept);
    }

    /**
     * The epochs of a member whose last answer may be lost.
     *
     * @param kept the partition that the member owns in the earlier epoch
     */
    private record Epochs(int earlier, int last, int kept) {}

    private Errors errorOf(ConsumerGroupHeartbeatRequestData request) {
        return Errors.forCode(send(request).errorCode());
    }

    @Test
    void aMemberThatLostAnAnswerContinuesWithItsPartitions() {
        Epochs epochs = assignAgain();

        for (int lost = 0; lost < 2; lost++) {
            ConsumerGroupHeartbeatResponseData repeated =
                    send(owning("a", epochs.earlier(), epochs.kept()));
            assertThat(repeated.errorCode()).isEqualTo(Errors.NONE.code());
            assertThat(assigned(repeated)).containsExactly(0, 1);
            assertThat(repeated.memberEpoch()).isEqualTo(epochs.last());
        }
    }

    @Test
    void anEarlierEpochIsFencedWithoutThePartitionsOfTheMember() {
        Epochs epochs = assignAgain();

        assertThat(errorOf(heartbeat("a", epochs.earlier()))).isEqualTo(Errors.FENCED_MEMBER_EPOCH);
        assertThat(errorOf(owning("a", epochs.earlier(), 0, 1, 7)))
                .isEqualTo(Errors.FENCED_MEMBER_EPOCH);
    }

    @Test
    void anEpochBeforeTheLastHeartbeatIsFenced() {
        Epochs epochs = assignAgain();
        assertThat(errorOf(heartbeat("a", epochs.last()))).isEqualTo(Errors.NONE);

        assertThat(errorOf(owning("a", epochs.earlier(), epochs.kept())))
                .isEqualTo(Errors.FENCED_MEMBER_EPOCH);
        assertThat(errorOf(heartbeat("a", epochs.last())))
                .as("still a member")
                .isEqualTo(Errors.NONE);
    }

    @Test
    void anEpochThatTheGroupHasNotReachedIsFenced() {
        int epoch = awaitAssignment("a", send(joinRequest("a")), 2).memberEpoch();

        for (int node = 0; node < 2; node++) {
            client.useNode(node);
            assertThat(errorOf(heartbeat("a", epoch + 1))).isEqualTo(Errors.FENCED_MEMBER_EPOCH);
        }
    }

    @Test
    void aMemberMovesToAnotherNodeAndBack() {
        Epochs epochs = assignAgain();

        for (int node = 1; node >= 0; node--) {
            client.useNode(node);
            ConsumerGroupHeartbeatResponseData moved = send(owning("a", epochs.last(), 0, 1));
            assertThat(moved.errorCode()).isEqualTo(Errors.NONE.code());
            assertThat(assigned(moved)).containsExactly(0, 1);
            assertThat(errorOf(heartbeat("a", moved.memberEpoch()))).isEqualTo(Errors.NONE);
        }
    }

    @Test
    void aMemberReturnsToANodeThatKnowsItsEarlierEpochOnly() {
        int epoch = awaitAssignment("a", send(joinRequest("a")), 2).memberEpoch();
        client.useNode(1);
        ConsumerGroupHeartbeatResponseData joined = send(joinRequest("b"));
        ConsumerGroupHeartbeatResponseData revoked = awaitAssignment("a", epoch, 1);
        send(owning("a", revoked.memberEpoch(), assigned(revoked).getFirst()));
        awaitAssignment("b", joined, 1);
        send(heartbeat("b", -1));
        int last = awaitAssignment("a", revoked.memberEpoch(), 2).memberEpoch();
        client.useNode(0);

        ConsumerGroupHeartbeatResponseData returned = send(owning("a", last, 0, 1));

        assertThat(returned.errorCode()).isEqualTo(Errors.NONE.code());
        assertThat(assigned(returned)).containsExactly(0, 1);
    }

    @Test
    void aRepeatedJoinKeepsThePartitions() {
        ConsumerGroupHeartbeatResponseData joined = send(joinRequest("a"));
        assertThat(assigned(joined)).containsExactly(0, 1);

        ConsumerGroupHeartbeatResponseData again = send(joinRequest("a"));

        assertThat(assigned(again)).containsExactly(0, 1);
        assertThat(again.memberEpoch()).isEqualTo(joined.memberEpoch());
    }

    @Test
    void staticMemberOfKip848ReturnsAfterItsTemporaryLeave() {
        ConsumerGroupHeartbeatResponseData joined = send(joinRequest("a").setInstanceId("one"));
        awaitAssignment("a", joined, 2);
        assertThat(send(joinRequest("b").setInstanceId("one")).errorCode())
                .isEqualTo(Errors.UNRELEASED_INSTANCE_ID.code());
        send(heartbeat("a", -2).setInstanceId("one"));

        ConsumerGroupHeartbeatResponseData again = send(joinRequest("b").setInstanceId("one"));

        assertThat(again.errorCode()).isEqualTo(Errors.NONE.code());
        awaitAssignment("b", again, 2);
    }

    @Test
    void patternSelectsTopicsThatAreCreatedLater() {
        ConsumerGroupHeartbeatResponseData joined =
                send(joinRequest("a").setSubscribedTopicNames(null).setSubscribedTopicRegex("t.*"));
        int epoch = awaitAssignment("a", joined, 2).memberEpoch();

        client.fixture.createTopic("t2", 1);

        awaitAssignment("a", epoch, 3);
    }

    @Test
    void theNodeDecidesTheTimesOfMembers() {
        ConsumerGroupHeartbeatResponseData joined = send(joinRequest("a"));
        assertThat(joined.heartbeatIntervalMs())
                .isEqualTo(GroupClient.TIMES.heartbeatInterval().toMillis());
        int epoch = awaitAssignment("a", joined, 2).memberEpoch();

        client.loop.advance(GroupClient.TIMES.sessionTimeout().dividedBy(2));
        assertThat(send(heartbeat("a", epoch)).errorCode()).isEqualTo(Errors.NONE.code());

        client.loop.advance(GroupClient.TIMES.sessionTimeout().plusSeconds(10));
        assertThat(send(heartbeat("a", epoch)).errorCode())
                .isEqualTo(Errors.UNKNOWN_MEMBER_ID.code());
    }

    @Test
    void illegalPatternsAndAssignorsAreRefused() {
        assertThat(send(joinRequest("a").setSubscribedTopicRegex("(")).errorCode())
                .isEqualTo(Errors.INVALID_REGULAR_EXPRESSION.code());
        assertThat(send(joinRequest("a").setServerAssignor("mine")).errorCode())
                .isEqualTo(Errors.UNSUPPORTED_ASSIGNOR.code());
        assertThat(send(heartbeat("a", 0)).errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void kindsOfMembersExcludeEachOther() {
        joinAndSync(0);

        assertThat(send(joinRequest("a")).errorCode())
                .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL.code());
    }
}
