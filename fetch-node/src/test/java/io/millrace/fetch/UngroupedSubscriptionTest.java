package io.millrace.fetch;

import static io.millrace.fetch.SubscribedClient.PLENTY;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.subscribe.StartPosition;
import io.millrace.fetch.subscribe.SubscriberRequest;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.fetch.subscribe.TopicPartition;
import io.millrace.fetch.subscribe.UngroupedSessions;
import io.millrace.group.TopicSubscription;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests subscriptions without a group. */
final class UngroupedSubscriptionTest {

    private static final StartPosition LATEST =
            new StartPosition.LookedUp(new OffsetLookup.LookupPosition.Latest());

    private final FetchWorld world = new FetchWorld();
    private final Topic topic = world.topic("orders", 2);

    private SubscribedClient client(TopicSubscription subscription, StartPosition start) {
        return client(subscription, start, "");
    }

    private SubscribedClient client(
            TopicSubscription subscription, StartPosition start, String memberId) {
        SubscribedClient client =
                new SubscribedClient(
                        world,
                        new UngroupedSessions(world.metadata),
                        SubscribedClient.withoutGroup(memberId, subscription, start));
        client.grants(PLENTY, PLENTY);
        pass();
        return client;
    }

    private void pass() {
        world.loop.advance(Duration.ofSeconds(2));
    }

    private void write(Topic to, int partition) {
        world.writeRecent(List.of(new Written(to, partition, world.batch(1, 100, 1000))));
        pass();
    }

    @Test
    void everyOneSeesEverything() {
        write(topic, 0);
        write(topic, 1);
        for (int i = 0; i < 2; i++) {
            SubscribedClient client =
                    client(TopicSubscription.to(List.of("orders")), StartPosition.EARLIEST);

            assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getFirst());
            assertThat(client.got("orders", 1)).isEqualTo(world.served(topic, 1).getFirst());
            assertThat(client.last(SubscriberResponse.Joined.class))
                    .isEqualTo(
                            new SubscriberResponse.Joined(
                                    "ungrouped", Duration.ZERO, Duration.ZERO));
        }
    }

    @Test
    void ofATopicThatBeginsToMatchEverythingIsNew() {
        write(topic, 0);
        SubscribedClient client = client(new TopicSubscription(Set.of(), "orders|late"), LATEST);
        assertThat(client.gotBytes()).isZero();

        Topic late = world.topic("late", 1);
        write(late, 0);

        assertThat(client.got("late", 0)).isEqualTo(world.served(late, 0).getFirst());
    }

    @Test
    void aDeletedTopicIsLostAndTheOthersGoOn() {
        Topic other = world.topic("payments", 1);
        SubscribedClient client =
                client(TopicSubscription.to(List.of("orders", "payments")), StartPosition.EARLIEST);

        world.deleteTopic(topic);
        pass();
        write(other, 0);

        assertThat(client.last(SubscriberResponse.Lost.class).partitions())
                .containsExactly(new TopicPartition("orders", 0), new TopicPartition("orders", 1));
        assertThat(client.got("payments", 0)).isEqualTo(world.served(other, 0).getFirst());
    }

    @Test
    void aRecreatedTopicIsReadFromItsStart() {
        SubscribedClient client = client(TopicSubscription.to(List.of("orders")), LATEST);
        world.deleteTopic(topic);
        pass();

        Topic again = world.topic("orders", 1);
        write(again, 0);

        assertThat(client.got("orders", 0)).isEqualTo(world.served(again, 0).getFirst());
    }

    @Test
    void aTopicThatAppearsBetweenTwoStreamsIsReadFromItsStart() {
        TopicSubscription both = new TopicSubscription(Set.of(), "orders|late");
        SubscribedClient first = client(both, LATEST);
        String memberId = first.last(SubscriberResponse.Joined.class).memberId();
        world.loop.call(first.subscriber::disconnected);
        Topic late = world.topic("late", 1);
        write(late, 0);

        SubscribedClient second = client(both, LATEST, memberId);

        assertThat(second.got("late", 0)).isEqualTo(world.served(late, 0).getFirst());
    }

    @Test
    void aContinuedStreamBeginsWithAllPartitionsAlsoIfThereIsNone() {
        TopicSubscription pattern = new TopicSubscription(Set.of(), "orders");
        SubscribedClient first = client(pattern, LATEST);
        world.deleteTopic(topic);
        pass();

        SubscribedClient second =
                client(pattern, LATEST, first.last(SubscriberResponse.Joined.class).memberId());

        assertThat(second.last(SubscriberResponse.Assigned.class).partitions()).isEmpty();
    }

    @Test
    void anUnknownTopicEndsIt() {
        SubscribedClient client =
                client(TopicSubscription.to(List.of("none")), StartPosition.EARLIEST);

        assertThat(client.problem.orElseThrow().reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void itCommitsNothing() {
        SubscribedClient client =
                client(TopicSubscription.to(List.of("orders")), StartPosition.EARLIEST);

        client.says(
                new SubscriberRequest.Commit(
                        1,
                        List.of(
                                new SubscriberRequest.CommittedPosition(
                                        new TopicPartition("orders", 0), 5, "")),
                        1));

        assertThat(client.last(SubscriberResponse.Committed.class).problem().orElseThrow().reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
    }

    @Test
    void whoLeavesIsDone() {
        SubscribedClient client =
                client(TopicSubscription.to(List.of("orders")), StartPosition.EARLIEST);

        client.says(new SubscriberRequest.Leave());

        assertThat(client.ended).isTrue();
        assertThat(client.problem).isEmpty();
    }
}
