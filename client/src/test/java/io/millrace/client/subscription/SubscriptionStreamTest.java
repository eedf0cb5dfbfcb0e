package io.millrace.client.subscription;

import static io.millrace.client.SubscribedServer.BOUND;
import static io.millrace.client.SubscribedServer.P0;
import static io.millrace.client.SubscribedServer.P1;
import static io.millrace.client.SubscribedServer.range;
import static io.millrace.client.SubscribedServer.settings;
import static io.millrace.client.SubscribedServer.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.FakeCoordinator;
import io.millrace.client.FakeServer;
import io.millrace.client.MillraceClient;
import io.millrace.client.Seen;
import io.millrace.client.SubscribedServer;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of subscriptions against an in-memory server, over real streams. */
class SubscriptionStreamTest {

    private final SubscribedServer at = new SubscribedServer();
    private final FakeServer server = at.server;
    private final FakeCoordinator group = at.group;
    private final MillraceClient client = at.client;

    @AfterEach
    void close() {
        at.close();
    }

    @Test
    void recordsAreHandledAndCommittedAndTheMemberLeaves() {
        Seen seen = new Seen();
        at.write(P0, 100);
        try (Subscription subscription = at.subscribe(settings().build(), seen)) {
            at.write(P1, 50);
            until(() -> seen.of(P0).size() == 100 && seen.of(P1).size() == 50);
            assertThat(subscription.stallReason()).isEmpty();
        }
        assertThat(seen.of(P0)).isEqualTo(range(0, 100));
        assertThat(group.committed(P0)).isEqualTo(100);
        assertThat(group.committed(P1)).isEqualTo(50);
        assertThat(group.members()).isEmpty();
        assertThat(seen.reported())
                .containsExactlyInAnyOrder("assigned 0", "assigned 1", "revoked 0", "revoked 1");
    }

    @Test
    void anOrderlyCloseHandsOverToTheNextMemberWithoutDoubles() {
        Seen first = new Seen();
        Seen second = new Seen();
        Subscription leaving = at.subscribe(settings().build(), first);
        until(() -> first.reported().size() == 2);
        try (Subscription staying = at.subscribe(settings().build(), second)) {
            until(() -> second.reported().size() == 1);
            Thread writer = Thread.ofVirtual().start(() -> at.write(P0, 3_000));
            until(() -> first.of(P0).size() + second.of(P0).size() > 100);
            leaving.close();
            until(() -> first.of(P0).size() + second.of(P0).size() >= 3_000);
            until(() -> !writer.isAlive());
        }
        List<Long> all = new ArrayList<>(first.of(P0));
        all.addAll(second.of(P0));
        assertThat(all.stream().sorted().toList()).isEqualTo(range(0, 3_000));
        assertThat(group.releases()).hasSize(1);
    }

    @Test
    void aSlowHandlerNeitherStopsHeartbeatsNorOtherPartitions() throws Exception {
        server.subscriptions().session(50, 3_000);
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
            until(() -> seen.reported().size() == 2);
            at.write(P0, 5_000);
            at.write(P1, 5_000);
            until(() -> seen.of(P1).size() == 5_000);
            CompletableFuture<Void> longer = new CompletableFuture<>();
            assertThat(longer.completeOnTimeout(null, 4_500, TimeUnit.MILLISECONDS))
                    .succeedsWithin(BOUND);
            assertThat(seen.reported()).hasSize(2);
            assertThat(seen.of(P0)).isEmpty();
            release.countDown();
            until(() -> seen.of(P0).size() == 5_000);
        }
        assertThat(seen.of(P0)).isEqualTo(range(0, 5_000));
    }

    @Test
    void withoutAGroupAllPartitionsAreReadFromTheStartPosition() {
        at.write(P0, 10);
        Seen seen = new Seen();
        SubscriptionSettings ends =
                SubscriptionSettings.withoutGroup(List.of("t")).start(StartPosition.end()).build();
        try (Subscription subscription = at.subscribe(ends, seen)) {
            until(() -> seen.reported().size() == 2);
            at.write(P0, 10);
            at.write(P1, 10);
            until(() -> seen.of(P0).size() == 10 && seen.of(P1).size() == 10);
            server.subscriptions().breakStreams();
            at.write(P0, 10);
            until(() -> seen.of(P0).size() == 20);
            assertThatThrownBy(() -> subscription.commit(P0, 1))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(seen.of(P0)).isEqualTo(range(10, 30));
        assertThat(group.committed(P0)).isEqualTo(-1);
    }

    @Test
    void aHandlerMayPauseItsPartitionAndGoOnElsewhere() {
        at.write(P0, 100);
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
            at.write(P1, 100);
            until(() -> seen.of(P1).size() == 100);
            assertThat(seen.of(P0)).hasSize(before);
            subscription.seek(P0, StartPosition.offset(90));
            subscription.resume(List.of(P0));
            until(() -> seen.of(P0).size() == before + 10);
            assertThat(seen.of(P0).subList(before, before + 10)).isEqualTo(range(90, 100));
        }
        assertThat(group.committed(P0)).isEqualTo(100);
    }

    @Test
    void recordsRemovedByRetentionAreSkippedOrReported() {
        at.write(P0, 100);
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
                        of.seek(P0, StartPosition.offset(0));
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
                        of.seek(id, StartPosition.end());
                    }
                };
        try (Subscription skips = client.subscribe(settings().build(), seen, listener)) {
            until(() -> seen.of(P0).size() == 100 - start);
        }
        assertThat(group.committed(P0)).isEqualTo(100);
        Seen later = new Seen();
        SubscriptionSettings reports = settings().failOutOfRange().build();
        try (Subscription subscription = client.subscribe(reports, later, listener)) {
            until(() -> later.of(P0).isEmpty() && subscription.stallReason().isEmpty());
            at.write(P0, 10);
            until(() -> !later.of(P0).isEmpty() || group.committed(P0) == 110);
        }
        assertThat(later.of(P0)).allSatisfy(offset -> assertThat(offset).isGreaterThan(99));
    }

    @Test
    void damagedBytesAreNeverHandedOver() {
        at.write(P0, 100);
        server.subscriptions().damage(2);
        Seen seen = new Seen();
        try (Subscription subscription = at.subscribe(settings().build(), seen)) {
            until(() -> seen.of(P0).size() == 100);
        }
        assertThat(seen.of(P0)).isEqualTo(range(0, 100));
    }
}
