package io.millrace.fetch;

import static io.millrace.fetch.SubscribedClient.PLENTY;
import static io.millrace.fetch.SubscriptionWorld.name;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.subscribe.SubscriberRequest;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests that a subscription sends no more than its client's credit and the stream's room allow. */
final class SubscriptionCreditTest {

    private final SubscriptionWorld at = new SubscriptionWorld();
    private final FetchWorld world = at.world;
    private final Topic topic = at.topic;
    private final ScriptedGroup group = at.group;

    @Test
    void withoutCreditNothingIsRead() {
        at.write(0, 3, 10, 1000);
        at.client();
        at.onLoop(() -> group.assign(topic, 0));
        double read = world.meters.get("millrace.fetch.batches").counter().count();
        at.pass(Duration.ofMinutes(1));

        assertThat(read).isZero();
        assertThat(world.meters.get("millrace.fetch.batches").counter().count()).isZero();
        assertThat(world.meters.get("millrace.fetch.waiting").gauge().value()).isZero();
    }

    @Test
    void theBatchThatUsesUpTheRecordsIsTheLast() {
        at.write(0, 5, 10, 1000);
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));

        client.grants(PLENTY, 11);
        at.pass(Duration.ofSeconds(1));
        int two = client.got("orders", 0).length;
        client.grants(PLENTY, 9);
        at.pass(Duration.ofSeconds(1));
        int still = client.got("orders", 0).length;
        client.grants(PLENTY, 1);
        at.pass(Duration.ofSeconds(1));

        int one = at.served(0).length / 5;
        assertThat(two).isEqualTo(2 * one);
        assertThat(still).isEqualTo(2 * one);
        assertThat(client.got("orders", 0)).hasSize(3 * one);
    }

    @Test
    void recordsBeforeThePositionCostNothing() {
        at.write(0, 2, 10, 1000);
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0, 8));

        client.grants(PLENTY, 3);
        at.pass(Duration.ofSeconds(1));

        assertThat(client.got("orders", 0)).isEqualTo(at.served(0));
    }

    @Test
    void bytesAreSentWithinTheCredit() {
        at.write(0, 10, 1, 10_000);
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        int value = at.served(0).length / 10;

        client.grants(3L * value, PLENTY);
        at.pass(Duration.ofSeconds(1));
        long three = client.gotBytes();
        client.grants(1, PLENTY);
        at.pass(Duration.ofSeconds(1));
        long four = client.gotBytes();
        client.grants(value - 1, PLENTY);
        at.pass(Duration.ofSeconds(1));

        assertThat(three).isEqualTo(3L * value);
        assertThat(four).isEqualTo(4L * value);
        assertThat(client.gotBytes()).isEqualTo(4L * value);
    }

    @Test
    void noPartitionStarvesWhereCreditIsShort() {
        for (int partition = 0; partition < 4; partition++) {
            at.write(partition, 20, 1, 1000);
        }
        SubscribedClient client = at.client();
        at.onLoop(() ->
                group.member()
                        .assigned(
                                1,
                                IntStream.range(0, 4)
                                        .mapToObj(p -> ScriptedGroup.assigned(topic, p))
                                        .toList()));

        for (int i = 0; i < 8; i++) {
            client.grants(1100, 1);
            at.pass(Duration.ofMillis(100));
        }

        assertThat(client.reported(SubscriberResponse.Batches.class))
                .extracting(SubscriberResponse.Batches::partition)
                .containsExactly(
                        name(0), name(1), name(2), name(3), name(0), name(1), name(2), name(3));
    }

    @Test
    void nothingIsReadForAClientThatTakesNothing() {
        at.write(0, 3, 10, 1000);
        SubscribedClient client = at.client();
        client.roomBytes = 0;
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(1));
        assertThat(client.gotBytes()).isZero();
        assertThat(world.meters.get("millrace.fetch.batches").counter().count()).isZero();

        client.roomBytes = 1 << 20;
        at.onLoop(client.subscriber::hasRoom);

        assertThat(client.got("orders", 0)).isEqualTo(at.served(0));
    }

    @Test
    void aPausedPartitionWaitsUntilItIsResumed() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        at.onLoop(() -> group.assign(topic, 1));
        client.grants(PLENTY, PLENTY);
        client.says(new SubscriberRequest.Pause(List.of(name(0))));
        at.write(0, 1, 1, 100);
        at.write(1, 1, 1, 100);
        at.pass(Duration.ofSeconds(1));
        assertThat(client.got("orders", 0)).isEmpty();
        assertThat(client.got("orders", 1)).isEqualTo(at.served(1));

        client.says(new SubscriberRequest.Resume(List.of(name(0))));
        at.pass(Duration.ofSeconds(1));

        assertThat(client.got("orders", 0)).isEqualTo(at.served(0));
    }
}
