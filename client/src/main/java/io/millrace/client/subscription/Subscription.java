package io.millrace.client.subscription;

import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.Connections;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Reads topics as a member of a consumer group, or all partitions without a group, and passes the
 * records to a {@link BatchHandler}. Commits and fails over automatically. After a broken stream,
 * no record is delivered twice while its partition remains assigned. If the group does not respond
 * for a session timeout by the client's clock, the partitions are lost and the subscription joins
 * again.
 *
 * <p>Thread-safe. Handlers and listeners may call all methods except for the blocking {@link
 * #close()}. Futures complete on the I/O thread, which callbacks must not block. Memory is bounded
 * by {@link SubscriptionSettings#bufferBytes} and one more batch.
 */
public final class Subscription implements AutoCloseable {

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final SubscriptionSettings settings;
    private final IoThread io;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final SubscriptionDriver driver;
    private final Runnable closeHook;

    /**
     * @param place the routing key that chooses a node; its topic must be unique among
     *     subscriptions
     */
    public Subscription(
            SubscriptionSettings settings,
            String zone,
            IoThread io,
            NodeCalls nodes,
            Connections connections,
            Backoff backoff,
            TopicPartition place,
            Executor executor,
            BatchHandler handler,
            SubscriptionListener listener,
            ClientMetrics metrics) {
        this.settings = settings;
        this.io = io;
        this.driver =
                new SubscriptionDriver(
                        io,
                        nodes,
                        backoff,
                        place,
                        new SubscriptionCore(settings, zone, place.topic(), io.nanoTime()),
                        new SubscriptionCallbacks(
                                io,
                                executor,
                                handler,
                                listener,
                                this,
                                done::completeExceptionally,
                                metrics),
                        done,
                        metrics);
        this.closeHook = () -> abort(new MillraceException.Closed("The client was closed."));
        connections.addCloseListener(closeHook);
        var unused =
                done.whenComplete((nothing, failure) -> connections.removeCloseListener(closeHook));
        io.run(driver::start);
    }

    public SubscriptionSettings settings() {
        return settings;
    }

    public CompletableFuture<Void> commit(TopicPartition partition, long offset) {
        return commit(partition, offset, "");
    }

    /**
     * Commits the offset of the group's next record in a partition. Any offset is accepted. Commits
     * are stored in the order of the calls.
     *
     * @param metadata the metadata stored with the offset, at most 4096 characters
     * @return a future that fails with PARTITION_NOT_LEASED for an unassigned partition, and with a
     *     retriable failure if the group cannot store the offset at present
     * @throws IllegalStateException without a group
     */
    public CompletableFuture<Void> commit(TopicPartition partition, long offset, String metadata) {
        if (!settings.hasGroup()) {
            throw new IllegalStateException("A subscription without a group cannot commit");
        }
        if (offset < 0) {
            throw new IllegalArgumentException("An offset must not be negative: " + offset);
        }
        CompletableFuture<Void> stored = new CompletableFuture<>();
        CommitLedger.CommitOffset mark = new CommitLedger.CommitOffset(offset, metadata);
        driver.runOnCore((core, now) -> core.commit(partition, mark, stored, now));
        return stored;
    }

    /** Pauses the delivery of assigned partitions after the batches being handled. */
    public void pause(Collection<TopicPartition> partitions) {
        driver.runOnCore((core, now) -> core.pause(partitions, now));
    }

    /** Resumes paused partitions at their positions. */
    public void resume(Collection<TopicPartition> partitions) {
        driver.runOnCore((core, now) -> core.resume(partitions, now));
    }

    /**
     * Continues an assigned partition at a new position once its running handler has returned; also
     * after a failure. Automatic commits follow the new position, also backwards.
     */
    public void seek(TopicPartition partition, StartPosition place) {
        driver.runOnCore((core, now) -> core.seek(partition, place, now));
    }

    /** Returns the human-readable reason for missing records; empty without a problem. */
    public Optional<String> stallReason() {
        return Optional.ofNullable(driver.stallReason());
    }

    /**
     * Completes when the subscription has ended: normally after a close, otherwise with the
     * failure. If the client is closed first, the listener may not be notified of lost partitions.
     */
    public CompletableFuture<Void> done() {
        return done.copy();
    }

    /** Closes the subscription within 30 s. */
    @Override
    public void close() {
        close(CLOSE_TIMEOUT);
    }

    /**
     * Closes the subscription like {@link #closeAsync}, and waits.
     *
     * @throws MillraceException if the subscription did not end normally
     * @throws IllegalStateException if called by the subscription's handler or listener
     */
    public void close(Duration patience) {
        if (SubscriptionCallbacks.isCallbackThread(this) || io.isCurrent()) {
            throw new IllegalStateException(
                    "close would wait for this thread: call closeAsync instead");
        }
        UnaryCalls.await(closeAsync(patience), patience.plusSeconds(5), "Closing the subscription");
    }

    /**
     * Stops delivery. After the handlers have returned and the listener is notified, the handled
     * offsets are committed and the partitions are released at once.
     *
     * @param patience the maximum time to close. After that the subscription is aborted: the group
     *     waits for the session timeout, and uncommitted records are handled again
     * @return {@link #done}
     */
    public CompletableFuture<Void> closeAsync(Duration patience) {
        try {
            io.run(() -> {
                driver.runOnCore(SubscriptionCore::close);
                io.schedule(
                        patience,
                        () ->
                                abort(
                                        new MillraceException.TimedOut(
                                                "The subscription was not closed within %d ms; uncommitted records will be handled again."
                                                        .formatted(patience.toMillis()))));
            });
        } catch (MillraceException.Closed over) {
            done.completeExceptionally(over);
        }
        return done();
    }

    private void abort(MillraceException why) {
        driver.runOnCore((core, now) -> core.abort(why));
    }
}
