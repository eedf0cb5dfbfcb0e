package io.millrace.client;

import static io.millrace.client.SubscribedServer.BOUND;
import static io.millrace.client.SubscribedServer.P0;
import static io.millrace.client.SubscribedServer.P1;
import static io.millrace.client.SubscribedServer.range;
import static io.millrace.client.SubscribedServer.settings;
import static io.millrace.client.SubscribedServer.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.Relay;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests of loss and redelivery over real streams when nodes, members or the group die or stop
 * responding.
 */
class SubscriptionLossTest {

    private final SubscribedServer at = new SubscribedServer();
    private final FakeServer server = at.server;
    private final FakeCoordinator group = at.group;

    @AfterEach
    void close() {
        at.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void brokenStreamsNeitherLoseNorRepeatARecord(long seed) {
        Random random = new Random(seed);
        Seen seen = new Seen();
        SubscriptionSettings small = settings().bufferBytes(2_000).bufferRecords(100).build();
        try (Subscription subscription = at.subscribe(small, seen)) {
            for (int round = 1; round <= 20; round++) {
                Thread writer =
                        Thread.ofVirtual()
                                .start(() -> {
                                    at.write(P0, 100);
                                    at.write(P1, 100);
                                });
                int wanted = (round - 1) * 200 + random.nextInt(200);
                until(() -> seen.of(P0).size() + seen.of(P1).size() >= wanted);
                until(() -> server.subscriptions().open() == 1);
                server.subscriptions().breakStreams();
                until(() -> !writer.isAlive());
            }
            until(() -> seen.of(P0).size() + seen.of(P1).size() >= 4_000);
        }
        assertThat(seen.of(P0)).isEqualTo(range(0, 2_000));
        assertThat(seen.of(P1)).isEqualTo(range(0, 2_000));
        assertThat(seen.overlapped()).isFalse();
        assertThat(seen.reported()).doesNotContain("lost 0", "lost 1");
        assertThat(server.subscriptions().opened()).isGreaterThan(20);
        assertThat(group.committed(P0)).isEqualTo(2_000);
        assertThat(group.committed(P1)).isEqualTo(2_000);
    }

    @Test
    void aNodeThatDiesIsReplacedByAnotherAndTheHandlerNoticesNothing() {
        try (FakeCluster cluster = new FakeCluster(3);
                MillraceClient user = MillraceClient.connect(cluster.addresses())) {
            user.topics().create("t", 1, Map.of());
            Seen seen = new Seen();
            try (Subscription subscription = user.subscribe(settings().build(), seen, seen)) {
                try (Producer producer = user.producer()) {
                    for (int killed = 0; killed < 2; killed++) {
                        int before = killed * 100;
                        IntStream.range(0, 100)
                                .forEach(i ->
                                        producer.send(OutgoingRecord.of("t", null, new byte[10])));
                        until(() -> seen.of(P0).size() == before + 100);
                        cluster.nodes().stream()
                                .filter(node -> node.server.subscriptions().open() > 0)
                                .forEach(node -> node.server.close());
                    }
                    producer.send(OutgoingRecord.of("t", null, new byte[10]));
                    until(() -> seen.of(P0).size() == 201);
                }
            }
            assertThat(seen.of(P0)).isEqualTo(range(0, 201));
            assertThat(seen.reported()).containsExactly("assigned 0", "revoked 0");
        }
    }

    @Test
    void aSilentGroupMeansThatAllPartitionsAreLost() {
        server.subscriptions().session(50, 1_500);
        Seen seen = new Seen();
        try (Subscription subscription = at.subscribe(settings().build(), seen)) {
            until(() -> seen.reported().size() == 2);
            server.subscriptions().ignoreMembers(true);
            until(() -> seen.reported().contains("lost 0") && seen.reported().contains("lost 1"));
            server.subscriptions().ignoreMembers(false);
            at.write(P0, 10);
            until(() -> seen.of(P0).size() == 10);
        }
        assertThat(seen.of(P0)).isEqualTo(range(0, 10));
    }

    @Test
    void anExpiredMemberRejoinsAndRepeatsUncommittedRecords() {
        Seen seen = new Seen();
        SubscriptionSettings manual = settings().commitManually().build();
        try (Subscription subscription = at.subscribe(manual, seen)) {
            at.write(P0, 10);
            until(() -> seen.of(P0).size() == 10);
            assertThat(subscription.commit(P0, 5, "half")).succeedsWithin(BOUND);
            group.expire(group.members().getFirst());
            until(() -> seen.of(P0).size() == 15);
            assertThat(seen.of(P0).subList(10, 15)).isEqualTo(range(5, 10));
            assertThat(group.metadata(P0)).isEqualTo("half");
        }
        assertThat(group.committed(P0)).isEqualTo(5);
    }

    @Test
    void aLostPartitionIsReportedAndItsCommitsFail() {
        Seen seen = new Seen();
        try (Subscription subscription = at.subscribe(settings().build(), seen)) {
            until(() -> seen.reported().size() == 2);
            group.takeAway(P0);
            until(() -> seen.reported().contains("lost 0"));
            assertThat(subscription.commit(P0, 5))
                    .failsWithin(BOUND)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOfSatisfying(
                            MillraceException.class,
                            failure ->
                                    assertThat(failure.reason())
                                            .contains(Reason.PARTITION_NOT_LEASED));
        }
    }

    @Test
    void atMostOnceNothingIsHandledTwiceWhereMembersDie() {
        at.write(P0, 500);
        Seen seen = new Seen();
        SubscriptionSettings atMostOnce = settings().atMostOnce().build();
        try (Subscription subscription = at.subscribe(atMostOnce, seen)) {
            for (int deaths = 1; deaths <= 3; deaths++) {
                int some = deaths * 20;
                until(() -> seen.of(P0).size() >= some && !group.members().isEmpty());
                group.expire(group.members().getFirst());
            }
            until(() -> group.committed(P0) == 500);
        }
        assertThat(seen.of(P0)).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void aSilentNodeIsReplacedWithinTheSession() {
        try (FakeCluster cluster = new FakeCluster(2);
                Relay first = new Relay(cluster.node(0).server.address());
                Relay second = new Relay(cluster.node(1).server.address())) {
            List<Relay> relays = List.of(first, second);
            for (int i = 0; i < 2; i++) {
                cluster.node(i).advertisedPort =
                        ClientSettings.Address.parse(relays.get(i).address()).port();
                cluster.node(i).server.subscriptions().session(200, 30_000);
            }
            String addresses = first.address() + "," + second.address();
            try (MillraceClient user = MillraceClient.connect(addresses)) {
                user.topics().create("t", 1, Map.of());
                Seen seen = new Seen();
                try (Subscription subscription = user.subscribe(settings().build(), seen, seen)) {
                    until(() -> seen.reported().size() == 1);
                    int used = cluster.node(0).server.subscriptions().open() > 0 ? 0 : 1;
                    relays.get(used).killConnections();
                    until(() ->
                            cluster.nodes().stream()
                                            .mapToInt(node -> node.server.subscriptions().opened())
                                            .sum()
                                    == 2);
                    try (Producer producer = user.producer()) {
                        producer.send(OutgoingRecord.of("t", null, new byte[10]));
                    }
                    until(() -> seen.of(P0).size() == 1);
                }
                assertThat(seen.reported()).containsExactly("assigned 0", "revoked 0");
            }
        }
    }
}
