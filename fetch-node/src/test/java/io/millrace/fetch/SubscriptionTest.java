package io.millrace.fetch;

import static io.millrace.fetch.ScriptedGroup.key;
import static io.millrace.fetch.SubscribedClient.PLENTY;
import static io.millrace.fetch.SubscriptionWorld.name;
import static io.millrace.fetch.SubscriptionWorld.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.subscribe.StartPosition;
import io.millrace.fetch.subscribe.SubscriberRequest;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.fetch.subscribe.TopicPartition;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests one subscription of a group whose events the test controls. */
final class SubscriptionTest {

    private final SubscriptionWorld at = new SubscriptionWorld();
    private final FetchWorld world = at.world;
    private final Topic topic = at.topic;
    private final ScriptedGroup group = at.group;

    @Test
    void itsPartitionsAreSentFromTheirCommittedOffsetsOn() {
        at.write(0, 3, 10, 1000);
        at.write(1, 2, 10, 1000);
        SubscribedClient client = at.client();

        at.onLoop(() ->
                group.member()
                        .assigned(
                                1,
                                List.of(
                                        ScriptedGroup.assigned(topic, 0, 10, "so far"),
                                        ScriptedGroup.assigned(topic, 1))));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(1));

        assertThat(client.last(SubscriberResponse.Joined.class))
                .isEqualTo(
                        new SubscriberResponse.Joined(
                                "m1", Duration.ofSeconds(3), Duration.ofSeconds(9)));
        assertThat(client.reported(SubscriberResponse.Assigned.class))
                .containsExactly(
                        new SubscriberResponse.Assigned(
                                List.of(start(0, 10, "so far"), start(1, 0, ""))));
        byte[] all = at.served(0);
        assertThat(client.got("orders", 0)).hasSize(all.length / 3 * 2);
        assertThat(client.got("orders", 1)).isEqualTo(at.served(1));
    }

    @Test
    void anInvitationAndItsAnswerArePassedOn() {
        SubscribedClient client = at.client();
        client.reported.clear();
        at.onLoop(() -> group.member().invited("m2"));
        assertThat(client.reported).containsExactly(new SubscriberResponse.Invited("m2"));
        assertThat(group.accepted).isEmpty();

        client.says(new SubscriberRequest.Accept("m2"));

        assertThat(group.accepted).containsExactly("m2");
    }

    @Test
    void newRecordsAreSentAtOnce() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofMinutes(3));

        at.write(0, 1, 1, 100);

        assertThat(client.got("orders", 0)).isEqualTo(at.served(0));
        assertThat(client.last(SubscriberResponse.Batches.class).highWatermark()).isEqualTo(1);
    }

    @Test
    void aPartitionAddedLaterIsReadAtOnce() {
        at.write(1, 1, 1, 100);
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(1));

        at.onLoop(() -> group.assign(topic, 1));

        assertThat(client.got("orders", 1)).isEqualTo(at.served(1));
    }

    @Test
    void nothingFollowsOfARevokedPartitionUntilItIsReleased() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);

        at.onLoop(() -> group.member().revoke(List.of(key(topic, 0))));
        at.write(0, 1, 1, 100);
        at.pass(Duration.ofSeconds(1));
        assertThat(client.last(SubscriberResponse.Revoke.class).partitions())
                .containsExactly(name(0));
        assertThat(client.gotBytes()).isZero();
        assertThat(group.released).isEmpty();
        client.says(new SubscriberRequest.Released(List.of(name(0))));

        assertThat(group.released).containsExactly(key(topic, 0));
    }

    @Test
    void aPartitionThatWasNotRevokedCannotBeReleased() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));

        client.says(new SubscriberRequest.Released(List.of(name(0))));

        assertThat(group.released).isEmpty();
    }

    @Test
    void ofALostPartitionNothingFollows() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);

        at.onLoop(() -> group.member().lost(List.of(key(topic, 0))));
        at.write(0, 1, 1, 100);
        at.pass(Duration.ofSeconds(1));

        assertThat(client.last(SubscriberResponse.Lost.class).partitions())
                .containsExactly(name(0));
        assertThat(client.gotBytes()).isZero();
    }

    @Test
    void aRevocationDuringALookupIsReportedInOrder() {
        SubscribedClient client = at.client();

        at.onLoop(() -> {
            group.assign(topic, 0);
            group.member().revoke(List.of(key(topic, 0)));
        });

        assertThat(client.reported)
                .endsWith(
                        new SubscriberResponse.Assigned(List.of(start(0, 0, ""))),
                        new SubscriberResponse.Revoke(List.of(name(0))));
    }

    @Test
    void aReturningMemberReceivesAnEmptyAssignment() {
        SubscribedClient client =
                at.client(
                        SubscribedClient.opening(
                                "m1", StartPosition.EARLIEST, StartPosition.EARLIEST, "orders"));

        assertThat(client.reported).endsWith(new SubscriberResponse.Assigned(List.of()));
        assertThat(group.joins.getFirst().memberId()).isEqualTo("m1");
    }

    @Test
    void aReturningMemberReceivesItsAssignmentOnce() {
        SubscribedClient client =
                new SubscribedClient(
                        world,
                        group,
                        SubscribedClient.opening(
                                "m1", StartPosition.EARLIEST, StartPosition.EARLIEST, "orders"));
        at.onLoop(() -> {
            group.member().joined("m1");
            group.assign(topic, 0, 0);
        });

        assertThat(client.reported(SubscriberResponse.Assigned.class))
                .containsExactly(new SubscriberResponse.Assigned(List.of(start(0, 0, ""))));
    }

    @Test
    void heartbeatsReachTheGroupAndAreAcknowledged() {
        SubscribedClient client = at.client();
        client.says(new SubscriberRequest.Heartbeat());
        client.grants(1, 1);
        client.says(new SubscriberRequest.Heartbeat());
        at.onLoop(() -> group.member().heartbeatAcknowledged(4));

        assertThat(group.marks).containsExactly(1L, 2L, 4L);
        assertThat(client.last(SubscriberResponse.HeartbeatAck.class))
                .isEqualTo(new SubscriberResponse.HeartbeatAck(4));
    }

    @Test
    void anyMessageKeepsTheSessionAliveNowAndThen() {
        SubscribedClient client = at.client();
        at.pass(Duration.ofSeconds(1));

        client.grants(1, 1);

        assertThat(group.marks).containsExactly(1L, 2L);
    }

    @Test
    void aDisconnectedClientStaysInItsGroup() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(1));

        at.onLoop(client.subscriber::disconnected);
        at.write(0, 1, 1, 100);
        at.pass(Duration.ofMinutes(2));

        assertThat(group.detached).isTrue();
        assertThat(group.left).isFalse();
        assertThat(client.gotBytes()).isZero();
        assertThat(world.meters.get("millrace.fetch.waiting").gauge().value()).isZero();
    }

    @Test
    void theEndOfTheSessionEndsTheSubscription() {
        SubscribedClient client = at.client();

        at.onLoop(() -> group.member().ended(new Problem(Reason.UNKNOWN_MEMBER, "gone")));

        assertThat(client.problem.orElseThrow().reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void aDeletedTopicIsReadNoMoreAndTheOthersAre() {
        Topic other = world.topic("payments", 1);
        SubscribedClient client = at.client(SubscribedClient.opening("orders", "payments"));
        at.onLoop(() -> group.assign(topic, 0));
        at.onLoop(() -> group.assign(other, 0));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(1));

        world.deleteTopic(topic);
        at.pass(Duration.ofSeconds(1));
        world.writeRecent(List.of(new Written(other, 0, world.batch(1, 100, 1000))));
        Topic again = world.topic("orders", 4);
        world.writeRecent(List.of(new Written(again, 0, world.batch(1, 100, 1000))));
        at.pass(Duration.ofSeconds(1));

        assertThat(client.got("payments", 0)).isEqualTo(world.served(other, 0).getFirst());
        assertThat(client.got("orders", 0)).isEmpty();
        assertThat(client.ended).isFalse();
    }

    @Test
    void anAssignmentOfATopicThatThisNodeDoesNotKnowYetWaitsForIt() {
        SubscribedClient client = at.client();
        Topic late = world.elsewhere.createTopic("late", 1);

        world.loop.call(() -> group.assign(late, 0, 0));
        at.pass(Duration.ofSeconds(2));

        assertThat(client.last(SubscriberResponse.Assigned.class).partitions())
                .containsExactly(
                        new SubscriberResponse.AssignedStart(
                                new TopicPartition("late", 0), late.id(), 0, ""));
    }
}
