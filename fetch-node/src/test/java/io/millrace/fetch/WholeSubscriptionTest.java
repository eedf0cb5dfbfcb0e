package io.millrace.fetch;

import static io.millrace.fetch.SubscribedClient.PLENTY;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.group.Subscription;
import io.millrace.fetch.group.WholeTopics;
import io.millrace.fetch.subscribe.FromClient;
import io.millrace.fetch.subscribe.PartitionName;
import io.millrace.fetch.subscribe.StartPosition;
import io.millrace.fetch.subscribe.ToClient;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Subscriptions without a group. */
final class WholeSubscriptionTest {

    private static final StartPosition LATEST =
            new StartPosition.Found(new OffsetQuestion.At.Latest());

    private final FetchWorld world = new FetchWorld();
    private final Topic topic = world.topic("orders", 2);

    private SubscribedClient client(Subscription subscription, StartPosition start) {
        SubscribedClient client =
                new SubscribedClient(
                        world,
                        new WholeTopics(world.metadata),
                        SubscribedClient.withoutGroup(subscription, start));
        client.grants(PLENTY, PLENTY);
        pass();
        return client;
    }

    private void pass() {
        world.loop.advance(Duration.ofSeconds(2));
    }

    private void write(Topic to, int partition) {
        world.writeHot(List.of(new Written(to, partition, world.batch(1, 100, 1000))));
        pass();
    }

    @Test
    void everyOneSeesEverything() {
        write(topic, 0);
        write(topic, 1);
        for (int i = 0; i < 2; i++) {
            SubscribedClient client =
                    client(Subscription.to(List.of("orders")), StartPosition.EARLIEST);

            assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getFirst());
            assertThat(client.got("orders", 1)).isEqualTo(world.served(topic, 1).getFirst());
            assertThat(client.last(ToClient.Joined.class))
                    .isEqualTo(new ToClient.Joined("", Duration.ZERO, Duration.ZERO));
        }
    }

    @Test
    void ofATopicThatBeginsToMatchEverythingIsNew() {
        write(topic, 0);
        SubscribedClient client = client(new Subscription(Set.of(), "orders|late"), LATEST);
        assertThat(client.gotBytes()).isZero();

        Topic late = world.topic("late", 1);
        write(late, 0);

        assertThat(client.got("late", 0)).isEqualTo(world.served(late, 0).getFirst());
    }

    @Test
    void aDeletedTopicIsLostAndTheOthersGoOn() {
        Topic other = world.topic("payments", 1);
        SubscribedClient client =
                client(Subscription.to(List.of("orders", "payments")), StartPosition.EARLIEST);

        world.deleteTopic(topic);
        pass();
        write(other, 0);

        assertThat(client.last(ToClient.Lost.class).partitions())
                .containsExactly(new PartitionName("orders", 0), new PartitionName("orders", 1));
        assertThat(client.got("payments", 0)).isEqualTo(world.served(other, 0).getFirst());
    }

    @Test
    void aTopicThatIsCreatedAnewIsReadFromItsStart() {
        SubscribedClient client = client(Subscription.to(List.of("orders")), LATEST);
        world.deleteTopic(topic);
        pass();

        Topic again = world.topic("orders", 1);
        write(again, 0);

        assertThat(client.got("orders", 0)).isEqualTo(world.served(again, 0).getFirst());
    }

    @Test
    void anUnknownTopicEndsIt() {
        SubscribedClient client = client(Subscription.to(List.of("none")), StartPosition.EARLIEST);

        assertThat(client.problem.orElseThrow().reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void itCommitsNothing() {
        SubscribedClient client =
                client(Subscription.to(List.of("orders")), StartPosition.EARLIEST);

        client.says(
                new FromClient.Commit(
                        1,
                        List.of(new FromClient.Place(new PartitionName("orders", 0), 5, "")),
                        1));

        assertThat(client.last(ToClient.Committed.class).problem().orElseThrow().reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
    }

    @Test
    void whoLeavesIsDone() {
        SubscribedClient client =
                client(Subscription.to(List.of("orders")), StartPosition.EARLIEST);

        client.says(new FromClient.Leave());

        assertThat(client.ended).isTrue();
        assertThat(client.problem).isEmpty();
    }
}
