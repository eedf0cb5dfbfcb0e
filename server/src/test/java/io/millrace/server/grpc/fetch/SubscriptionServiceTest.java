package io.millrace.server.grpc.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.Batches;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import io.millrace.server.grpc.RunningNode;
import io.millrace.server.grpc.SubscribeStream;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions over gRPC at a node that also coordinates the groups. */
@Timeout(120)
class SubscriptionServiceTest {

    private static final String OPEN = "millrace.subscribe.open";
    private static final String LEAVING = "millrace.grpc.outbound";
    private static final long PLENTY = 1L << 40;

    @TempDir Path folder;
    private RunningNode node;
    private ManagedChannel channel;

    @BeforeEach
    void open() {
        node = new RunningNode(folder);
        channel = node.connect();
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static Open.Builder inGroup() {
        return Open.newBuilder().setGroup("g").addTopics("t");
    }

    private SubscribeStream stream() {
        SubscribeStream stream = SubscribeStream.open(channel, inGroup());
        stream.await(ResponseCase.ASSIGNED);
        return stream;
    }

    private SubscribeStream alone() {
        return SubscribeStream.open(channel, Open.newBuilder().addTopics("t"));
    }

    private long committed() {
        return GroupsGrpc.newBlockingStub(channel)
                .describeGroup(DescribeGroupRequest.newBuilder().setGroup("g").build())
                .getPartitions(0)
                .getCommittedOffset();
    }

    @Test
    void aMemberIsSentWhatAFetchReads() {
        node.produce(3);
        SubscribeStream stream = stream();
        stream.grant(PLENTY, 2);

        Batches first = stream.await(ResponseCase.BATCHES).getBatches();
        RunningNode.await(() ->
                stream.all(ResponseCase.BATCHES).stream()
                                .mapToLong(response -> response.getBatches().getBatches().size())
                                .sum()
                        >= 2L * first.getBatches().size());
        FetchedPartition fetched =
                FetchGrpc.newBlockingStub(channel)
                        .fetch(RunningNode.fetchFrom(0).setMaxBytes(1).build())
                        .getPartitions(0);
        assertThat(first.getTopic()).isEqualTo("t");
        assertThat(first.getPartition()).isZero();
        assertThat(first.getHighWatermark()).isEqualTo(3);
        assertThat(first.getBatches().substring(0, fetched.getBatches().size()))
                .isEqualTo(fetched.getBatches());
    }

    @Test
    void recordsProducedLaterAreSentAtOnce() {
        SubscribeStream stream = stream();
        stream.grant(PLENTY, PLENTY);

        node.produce(1);
        stream.await(ResponseCase.BATCHES);
        node.produce(1);

        assertThat(stream.await(ResponseCase.BATCHES, 2).getBatches().getHighWatermark())
                .isEqualTo(2);
    }

    @Test
    void anAcknowledgedCommitIsStored() {
        node.produce(2);
        SubscribeStream stream = stream();

        stream.commit(7, 2);

        var answer = stream.await(ResponseCase.COMMITTED).getCommitted();
        assertThat(answer.getId()).isEqualTo(7);
        assertThat(answer.hasError()).isFalse();
        assertThat(committed()).isEqualTo(2);
    }

    @Test
    void partitionsOfALeavingMemberAreReassigned() throws Exception {
        SubscribeStream first = stream();
        SubscribeStream second = SubscribeStream.open(channel, inGroup());
        second.await(ResponseCase.JOINED);

        first.leave();
        first.halfClose();

        assertThat(first.end()).isEqualTo(Status.OK);
        assertThat(second.await(ResponseCase.ASSIGNED).getAssigned().getPartitionsCount())
                .isEqualTo(1);
    }

    @Test
    void aMemberKeepsItsPartitionsInANewStream() {
        node.produce(2);
        SubscribeStream before = stream();
        before.commit(1, 1);
        before.await(ResponseCase.COMMITTED);
        String memberId = before.memberId();
        before.vanish();

        SubscribeStream after = SubscribeStream.open(channel, inGroup().setMemberId(memberId));

        assertThat(after.memberId()).isEqualTo(memberId);
        assertThat(after.await(ResponseCase.ASSIGNED).getAssigned().getPartitions(0).getPosition())
                .isEqualTo(1);
        node.awaitGauge(OPEN, 1);
    }

    @Test
    void anAcceptedInvitationReplacesTheStaticMember() throws Exception {
        SubscribeStream before = SubscribeStream.open(channel, inGroup().setInstanceId("i"));
        before.await(ResponseCase.ASSIGNED);

        SubscribeStream after = SubscribeStream.open(channel, inGroup().setInstanceId("i"));
        String invited = after.await(ResponseCase.INVITED).getInvited().getMemberId();
        assertThat(before.all(ResponseCase.LOST)).isEmpty();
        after.accept(invited);

        assertThat(after.memberId()).isEqualTo(invited);
        assertThat(after.await(ResponseCase.ASSIGNED).getAssigned().getPartitionsCount())
                .isEqualTo(1);
        assertThat(before.problem().reason()).isEqualTo(Reason.INSTANCE_REPLACED);
    }

    @Test
    void heartbeatsAreAnswered() {
        SubscribeStream stream = stream();
        stream.beat();
        stream.beat();

        RunningNode.await(() ->
                stream.all(ResponseCase.HEARTBEAT_ACK).stream()
                        .anyMatch(alive -> alive.getHeartbeatAck().getMessages() == 3));
        assertThat(stream.all(ResponseCase.HEARTBEAT_ACK).getLast().getHeartbeatAck().getMessages())
                .isEqualTo(3);
    }

    @Test
    void withoutAGroupEverySubscriberReadsAllPartitions() {
        node.produce(1);
        for (int i = 0; i < 2; i++) {
            SubscribeStream stream =
                    SubscribeStream.open(channel, Open.newBuilder().setTopicPattern("t.*"));
            stream.grant(PLENTY, PLENTY);
            assertThat(stream.memberId()).isEqualTo("ungrouped");
            stream.await(ResponseCase.BATCHES);
        }
    }

    @Test
    void aMatchingTopicCreatedLaterIsReadFromItsStart() {
        SubscribeStream stream =
                SubscribeStream.open(channel, Open.newBuilder().setTopicPattern("t.*"));
        stream.grant(PLENTY, PLENTY);
        stream.await(ResponseCase.ASSIGNED);

        var unused =
                AdminGrpc.newBlockingStub(channel)
                        .createTopic(CreateTopicRequest.newBuilder().setName("t2").build());

        var late = stream.await(ResponseCase.ASSIGNED, 2).getAssigned().getPartitions(0);
        assertThat(late.getTopic()).isEqualTo("t2");
        assertThat(late.getPosition()).isZero();
    }

    @Test
    void anUnknownTopicIsAnError() throws Exception {
        SubscribeStream grouped =
                SubscribeStream.open(channel, Open.newBuilder().setGroup("g").addTopics("none"));
        SubscribeStream whole = SubscribeStream.open(channel, Open.newBuilder().addTopics("none"));

        assertThat(grouped.problem().reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(whole.problem().reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void aMalformedRequestEndsTheStream() throws Exception {
        SubscribeStream notOpened = SubscribeStream.bare(channel);
        notOpened.grant(1, 1);
        SubscribeStream negative = alone();
        negative.grant(-1, 1);
        SubscribeStream empty = alone();
        empty.say(SubscribeRequest.newBuilder());
        SubscribeStream halfClosed = alone();
        halfClosed.halfClose();
        SubscribeStream badPattern =
                SubscribeStream.open(channel, Open.newBuilder().setTopicPattern("("));

        assertThat(notOpened.problem().reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(negative.problem().reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(empty.problem().reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(halfClosed.problem().reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(badPattern.problem().reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        node.awaitGauge(OPEN, 0);
    }

    @Test
    void aStalledClientStaysWithinTheBudget() {
        node.produce(40);
        for (int i = 0; i < 20; i++) {
            SubscribeStream stream =
                    SubscribeStream.openUnread(node.connect(), Open.newBuilder().addTopics("t"));
            stream.grant(PLENTY, PLENTY);
        }
        RunningNode.await(() -> node.gauge(LEAVING) > 8L * RunningNode.BATCH_BYTES);

        SubscribeStream reader = SubscribeStream.open(channel, Open.newBuilder().addTopics("t"));
        reader.grant(PLENTY, PLENTY);
        RunningNode.await(() ->
                reader.all(ResponseCase.BATCHES).stream()
                                .mapToLong(response -> response.getBatches().getBatches().size())
                                .sum()
                        > 39L * RunningNode.BATCH_BYTES);

        assertThat(reader.all(ResponseCase.BATCHES).getLast().getBatches().getHighWatermark())
                .isEqualTo(40);
        assertThat(node.gauge(LEAVING))
                .isGreaterThan(0)
                .isLessThan(RunningNode.DIRECT_BYTES / 5 + 2 * RunningNode.BATCH_BYTES);
    }

    @Test
    void aStoppingNodeEndsItsSubscriptionsWithShuttingDown() throws Exception {
        SubscribeStream stream = stream();

        node.drain();

        assertThat(stream.problem().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(stream.problem().retriable()).isTrue();
    }
}
