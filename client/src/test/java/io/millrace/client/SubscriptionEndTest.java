package io.millrace.client;

import static io.millrace.client.SubscribedServer.BOUND;
import static io.millrace.client.SubscribedServer.P0;
import static io.millrace.client.SubscribedServer.range;
import static io.millrace.client.SubscribedServer.settings;
import static io.millrace.client.SubscribedServer.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.error.MillraceException;
import io.millrace.client.subscription.Assignment;
import io.millrace.client.subscription.BatchHandler;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests of the end of subscriptions over real streams: by a failure, with the client, by a handler
 * or a listener.
 */
class SubscriptionEndTest {

    private final SubscribedServer at = new SubscribedServer();
    private final FakeServer server = at.server;
    private final FakeCoordinator group = at.group;
    private final MillraceClient client = at.client;

    @AfterEach
    void close() {
        at.close();
    }

    @Test
    void aHandlerThatThrowsEndsTheSubscriptionAndItsBatchIsHandledByTheNext() {
        at.write(P0, 100);
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
        try (Subscription next = at.subscribe(settings().build(), seen)) {
            until(() -> seen.of(P0).size() == 100 - committed);
            assertThat(seen.of(P0)).isEqualTo(range(committed, 100));
        }
    }

    @Test
    void aHandlerCannotWaitForTheEndButMayBeginIt() {
        at.write(P0, 10);
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
        at.write(P0, 1);
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
        Subscription subscription = at.subscribe(settings().build(), seen);
        until(() -> seen.reported().size() == 2);
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
        CountDownLatch reported = new CountDownLatch(1);
        CompletableFuture<Void> released = new CompletableFuture<>();
        Subscription subscription =
                client.subscribe(
                        settings().build(),
                        (batch, of) -> {},
                        new SubscriptionListener() {
                            @Override
                            public void assigned(Subscription of, List<Assignment> assignments) {
                                reported.countDown();
                                released.join();
                            }
                        });
        until(() -> reported.getCount() == 0);
        client.close();
        assertThat(subscription.done()).isNotDone();
        released.complete(null);
        assertThat(subscription.done())
                .failsWithin(BOUND)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(MillraceException.Closed.class);
    }
}
