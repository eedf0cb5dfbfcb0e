package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.error.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscriptions against a server in memory, over real streams. */
class SubscriptionTest {

    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final TopicPartition P0 = new TopicPartition("t", 0);
    private static final TopicPartition P1 = new TopicPartition("t", 1);

    private final FakeServer server = new FakeServer();
    private final FakeCoordinator group = server.log().coordinator();
    private final MillraceClient client = MillraceClient.connect(server.address());

    @BeforeEach
    void createTopic() {
        client.topics().create("t", 2, Map.of());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    /** What handlers were given, by partition. Thread-safe. */
    private static final class Seen implements BatchHandler, SubscriptionListener {
        private final Map<TopicPartition, List<Long>> offsets = new HashMap<>();
        private final Set<TopicPartition> busy = new HashSet<>();
        final List<String> told = new ArrayList<>();
        private boolean overlapped;

        @Override
        public void handle(ReadBatch batch, Subscription subscription) {
            synchronized (this) {
                overlapped |= !busy.add(batch.partition());
            }
            Thread.yield();
            synchronized (this) {
                List<Long> own =
                        offsets.computeIfAbsent(batch.partition(), id -> new ArrayList<>());
                batch.forEach(record -> own.add(record.offset()));
                busy.remove(batch.partition());
            }
        }

        @Override
        public synchronized void assigned(Subscription of, List<Assignment> partitions) {
            partitions.forEach(each -> told.add("assigned " + each.partition().partition()));
        }

        @Override
        public synchronized void revoked(Subscription of, List<TopicPartition> partitions) {
            partitions.forEach(each -> told.add("revoked " + each.partition()));
        }

        @Override
        public synchronized void lost(Subscription of, List<TopicPartition> partitions) {
            partitions.forEach(each -> told.add("lost " + each.partition()));
        }

        synchronized List<Long> of(TopicPartition id) {
            return List.copyOf(offsets.getOrDefault(id, List.of()));
        }

        synchronized List<String> told() {
            return List.copyOf(told);
        }

        synchronized boolean overlapped() {
            return overlapped;
        }
    }

    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    private void write(TopicPartition id, int count) {
        ProducerSettings settings =
                ProducerSettings.builder().batchBytes(256).codec(Codec.NONE).build();
        try (Producer producer = client.producer(settings)) {
            for (int i = 0; i < count; i++) {
                byte[] value = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                producer.send(
                        OutgoingRecord.of("t", null, value).toPartition(id.partition()).at(i));
            }
        }
    }

    private static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private static SubscriptionSettings.Builder settings() {
        return SubscriptionSettings.of("g", List.of("t")).commitEvery(Duration.ofMillis(20));
    }

    private Subscription subscribe(SubscriptionSettings settings, Seen seen) {
        return client.subscribe(settings, seen, seen);
    }

    @Test
    void whatIsWrittenIsHandledCommittedAndLeftBehindInGoodOrder() {
        Seen seen = new Seen();
        write(P0, 100);
        try (Subscription subscription = subscribe(settings().build(), seen)) {
            write(P1, 50);
            until(() -> seen.of(P0).size() == 100 && seen.of(P1).size() == 50);
            assertThat(subscription.trouble()).isEmpty();
        }
        assertThat(seen.of(P0)).isEqualTo(range(0, 100));
        assertThat(group.committed(P0)).isEqualTo(100);
        assertThat(group.committed(P1)).isEqualTo(50);
        assertThat(group.members()).isEmpty();
        assertThat(seen.told())
                .containsExactlyInAnyOrder("assigned 0", "assigned 1", "revoked 0", "revoked 1");
    }

    @Test
    void anOrderlyCloseHandsOverToTheNextMemberWithoutDoubles() {
        Seen first = new Seen();
        Seen second = new Seen();
        Subscription leaving = subscribe(settings().build(), first);
        until(() -> first.told().size() == 2);
        try (Subscription staying = subscribe(settings().build(), second)) {
            until(() -> second.told().size() == 1);
            Thread writer = Thread.ofVirtual().start(() -> write(P0, 3_000));
            until(() -> first.of(P0).size() + second.of(P0).size() > 100);
            leaving.close();
            until(() -> first.of(P0).size() + second.of(P0).size() >= 3_000);
            assertThat(writer.isAlive()).isFalse();
        }
        List<Long> all = new ArrayList<>(first.of(P0));
        all.addAll(second.of(P0));
        assertThat(all.stream().sorted().toList()).isEqualTo(range(0, 3_000));
        assertThat(group.releases()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void brokenStreamsNeitherLoseNorRepeatARecord(long seed) {
        Random random = new Random(seed);
        Seen seen = new Seen();
        SubscriptionSettings small = settings().bufferBytes(2_000).bufferRecords(100).build();
        try (Subscription subscription = subscribe(small, seen)) {
            for (int round = 1; round <= 20; round++) {
                Thread writer =
                        Thread.ofVirtual()
                                .start(() -> {
                                    write(P0, 100);
                                    write(P1, 100);
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
        assertThat(seen.told()).doesNotContain("lost 0", "lost 1");
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
            assertThat(seen.told()).containsExactly("assigned 0", "revoked 0");
        }
    }

    @Test
    void aSlowHandlerNeitherStopsHeartbeatsNorOtherPartitions() throws Exception {
        server.subscriptions().session(50, 1_000);
        CountDownLatch release = new CountDownLatch(1);
        Seen seen = new Seen();
        BatchHandler handler =
                (batch, subscription) -> {
                    if (batch.partition().equals(P0)) {
                        assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
                    }
                    seen.handle(batch, subscription);
                };
        SubscriptionSettings small = settings().bufferBytes(8_000).build();
        try (Subscription subscription = client.subscribe(small, handler, seen)) {
            until(() -> seen.told().size() == 2);
            write(P0, 5_000);
            write(P1, 5_000);
            until(() -> seen.of(P1).size() == 5_000);
            CompletableFuture<Void> longer = new CompletableFuture<>();
            assertThat(longer.completeOnTimeout(null, 1_500, TimeUnit.MILLISECONDS))
                    .succeedsWithin(BOUND);
            assertThat(seen.told()).hasSize(2);
            assertThat(seen.of(P0)).isEmpty();
            release.countDown();
            until(() -> seen.of(P0).size() == 5_000);
        }
        assertThat(seen.of(P0)).isEqualTo(range(0, 5_000));
    }

    @Test
    void aGroupThatDoesNotAnswerForASessionTimeoutMeansThatAllIsLost() {
        server.subscriptions().session(50, 500);
        Seen seen = new Seen();
        try (Subscription subscription = subscribe(settings().build(), seen)) {
            until(() -> seen.told().size() == 2);
            server.subscriptions().deaf(true);
            until(() -> seen.told().contains("lost 0") && seen.told().contains("lost 1"));
            server.subscriptions().deaf(false);
            write(P0, 10);
            until(() -> seen.of(P0).size() == 10);
        }
        assertThat(seen.of(P0)).isEqualTo(range(0, 10));
    }

    @Test
    void aMemberThatWasTakenForDeadJoinsAnewAndRepeatsWhatWasNotCommitted() {
        Seen seen = new Seen();
        SubscriptionSettings manual = settings().commitManually().build();
        try (Subscription subscription = subscribe(manual, seen)) {
            write(P0, 10);
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
    void aPartitionThatWasTakenAwayIsToldAndCommitsForItFail() {
        Seen seen = new Seen();
        try (Subscription subscription = subscribe(settings().build(), seen)) {
            until(() -> seen.told().size() == 2);
            group.takeAway(P0);
            until(() -> seen.told().contains("lost 0"));
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
    void aHandlerThatThrowsEndsTheSubscriptionAndItsBatchIsHandledByTheNext() {
        write(P0, 100);
        BatchHandler handler =
                (batch, subscription) -> {
                    if (batch.nextOffset() > 50) {
                        throw new IllegalStateException("cannot");
                    }
                };
        Subscription failing =
                client.subscribe(settings().build(), handler, new SubscriptionListener() {});
        assertThat(failing.done())
                .failsWithin(BOUND)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(MillraceException.HandlerFailed.class)
                .withMessageContaining("cannot");
        assertThatThrownBy(failing::close).isInstanceOf(MillraceException.HandlerFailed.class);
        assertThat(group.members()).isEmpty();
        long committed = group.committed(P0);
        assertThat(committed).isBetween(1L, 50L);
        Seen seen = new Seen();
        try (Subscription next = subscribe(settings().build(), seen)) {
            until(() -> seen.of(P0).size() == 100 - committed);
            assertThat(seen.of(P0)).isEqualTo(range(committed, 100));
        }
    }

    @Test
    void atMostOnceNothingIsHandledTwiceWhereMembersDie() {
        write(P0, 500);
        Seen seen = new Seen();
        SubscriptionSettings atMostOnce = settings().atMostOnce().build();
        try (Subscription subscription = subscribe(atMostOnce, seen)) {
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
    void withoutAGroupAllPartitionsAreReadFromWhereItSays() {
        write(P0, 10);
        Seen seen = new Seen();
        SubscriptionSettings ends =
                SubscriptionSettings.withoutGroup(List.of("t")).start(StartAt.end()).build();
        try (Subscription subscription = subscribe(ends, seen)) {
            until(() -> seen.told().size() == 2);
            write(P0, 10);
            write(P1, 10);
            until(() -> seen.of(P0).size() == 10 && seen.of(P1).size() == 10);
            server.subscriptions().breakStreams();
            write(P0, 10);
            until(() -> seen.of(P0).size() == 20);
            assertThatThrownBy(() -> subscription.commit(P0, 1))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(seen.of(P0)).isEqualTo(range(10, 30));
        assertThat(group.committed(P0)).isEqualTo(-1);
    }

    @Test
    void aHandlerMayPauseItsPartitionAndGoOnElsewhere() {
        write(P0, 100);
        Seen seen = new Seen();
        AtomicBoolean paused = new AtomicBoolean();
        BatchHandler handler =
                (batch, subscription) -> {
                    seen.handle(batch, subscription);
                    if (!paused.getAndSet(true)) {
                        subscription.pause(List.of(P0));
                    }
                };
        try (Subscription subscription = client.subscribe(settings().build(), handler, seen)) {
            until(() -> !seen.of(P0).isEmpty());
            int before = seen.of(P0).size();
            write(P1, 100);
            until(() -> seen.of(P1).size() == 100);
            assertThat(seen.of(P0)).hasSize(before);
            subscription.seek(P0, StartAt.offset(90));
            subscription.resume(List.of(P0));
            until(() -> seen.of(P0).size() == before + 10);
            assertThat(seen.of(P0).subList(before, before + 10)).isEqualTo(range(90, 100));
        }
        assertThat(group.committed(P0)).isEqualTo(100);
    }

    @Test
    void whatRetentionRemovedIsSkippedOrReportedAsOneWishes() {
        write(P0, 100);
        long cut = 0;
        for (var batch : server.log().all("t", 0).batches()) {
            cut = batch.baseOffset() <= 50 ? batch.baseOffset() : cut;
        }
        long start = cut;
        assertThat(start).isPositive();
        server.log().cutBefore("t", 0, start);
        Seen seen = new Seen();
        SubscriptionListener listener =
                new SubscriptionListener() {
                    @Override
                    public void assigned(Subscription of, List<Assignment> partitions) {
                        of.seek(P0, StartAt.offset(0));
                    }

                    @Override
                    public void failed(
                            Subscription of, TopicPartition id, MillraceException failure) {
                        assertThat(failure)
                                .isInstanceOfSatisfying(
                                        MillraceException.OffsetOutOfRange.class,
                                        range ->
                                                assertThat(range.logStartOffset())
                                                        .isEqualTo(start));
                        of.seek(id, StartAt.end());
                    }
                };
        try (Subscription skips = client.subscribe(settings().build(), seen, listener)) {
            until(() -> seen.of(P0).size() == 100 - start);
        }
        assertThat(group.committed(P0)).isEqualTo(100);
        Seen later = new Seen();
        SubscriptionSettings reports = settings().failOutOfRange().build();
        try (Subscription subscription = client.subscribe(reports, later, listener)) {
            until(() -> later.of(P0).isEmpty() && subscription.trouble().isEmpty());
            write(P0, 10);
            until(() -> !later.of(P0).isEmpty() || group.committed(P0) == 110);
        }
        assertThat(later.of(P0)).allSatisfy(offset -> assertThat(offset).isGreaterThan(99));
    }

    @Test
    void aHandlerCannotWaitForTheEndButMayBeginIt() {
        write(P0, 10);
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        BatchHandler handler =
                (batch, subscription) -> {
                    try {
                        subscription.close();
                    } catch (IllegalStateException expected) {
                        thrown.complete(expected);
                    }
                    var unused = subscription.closeAsync(BOUND);
                };
        Subscription subscription = client.subscribe("g", List.of("t"), handler);
        assertThat(subscription.done()).succeedsWithin(BOUND);
        assertThat(thrown).isCompleted();
    }

    @Test
    void aCloseThatTakesTooLongIsGivenUpWithoutCommittingWhatIsNotHandled() throws Exception {
        write(P0, 1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        BatchHandler handler =
                (batch, subscription) -> {
                    begun.countDown();
                    assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
                };
        Subscription subscription =
                client.subscribe(settings().build(), handler, new SubscriptionListener() {});
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> subscription.close(Duration.ofMillis(100)))
                .isInstanceOf(MillraceException.TimedOut.class);
        release.countDown();
        until(() -> server.subscriptions().open() == 0);
        assertThat(group.committed(P0)).isLessThan(1);
        assertThat(group.members()).hasSize(1);
    }

    @Test
    void theEndOfTheClientEndsItsSubscriptions() {
        Seen seen = new Seen();
        Subscription subscription = subscribe(settings().build(), seen);
        until(() -> seen.told().size() == 2);
        client.close();
        assertThat(subscription.done())
                .failsWithin(BOUND)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(MillraceException.Closed.class);
        assertThatThrownBy(() -> subscription.pause(List.of(P0)))
                .isInstanceOf(MillraceException.Closed.class);
    }

    @Test
    void aListenerThatReturnsAfterTheEndOfTheClientHoldsNoSubscriptionOpen() {
        CountDownLatch told = new CountDownLatch(1);
        CompletableFuture<Void> released = new CompletableFuture<>();
        Subscription subscription =
                client.subscribe(
                        settings().build(),
                        (batch, of) -> {},
                        new SubscriptionListener() {
                            @Override
                            public void assigned(Subscription of, List<Assignment> assignments) {
                                told.countDown();
                                released.join();
                            }
                        });
        until(() -> told.getCount() == 0);
        client.close();
        assertThat(subscription.done()).isNotDone();
        released.complete(null);
        assertThat(subscription.done())
                .failsWithin(BOUND)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(MillraceException.Closed.class);
    }

    @Test
    void damagedBytesAreNeverHandedOver() {
        write(P0, 100);
        server.subscriptions().damage(2);
        Seen seen = new Seen();
        try (Subscription subscription = subscribe(settings().build(), seen)) {
            until(() -> seen.of(P0).size() == 100);
        }
        assertThat(seen.of(P0)).isEqualTo(range(0, 100));
    }

    @Test
    void aNodeThatFallsSilentIsLeftForAnotherWithinTheSession() {
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
                    until(() -> seen.told().size() == 1);
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
                assertThat(seen.told()).containsExactly("assigned 0", "revoked 0");
            }
        }
    }
}
