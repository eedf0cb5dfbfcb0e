package io.millrace.client.subscription;

import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.Connections;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Reads topics together with the other members of a group, or whole if there is no group, and hands
 * the records to a {@link BatchHandler}. It stays in the group, commits, and goes from node to node
 * by itself: where a stream breaks, it goes on at another fetch node where it was, and no record is
 * handed over twice while its partitions stay its own. It loses them when the group has not
 * answered for a session timeout by this side's clock, and then takes part anew.
 *
 * <p>All methods may be called from any thread, also by handlers and listeners, but for the
 * blocking {@link #close()}. Memory is bounded by {@link SubscriptionSettings#bufferBytes} and one
 * batch more. The caller closes it.
 */
public final class Subscription implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SubscriptionSettings settings;
    private final IoThread io;
    private final Connections connections;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final SubscriptionDriver subscribing;
    private final Runnable end;

    /**
     * @param zone of the client
     * @param place stands for this subscription where nodes are chosen; its topic is the name of no
     *     other subscription
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
            SubscriptionListener listener) {
        this.settings = settings;
        this.io = io;
        this.connections = connections;
        this.subscribing =
                new SubscriptionDriver(
                        io,
                        nodes,
                        backoff,
                        place,
                        new SubscriptionCore(settings, zone, place.topic(), io.nanoTime()),
                        new SubscriptionCallbacks(
                                io, executor, handler, listener, this, done::completeExceptionally),
                        done);
        this.end = () -> abort(new MillraceException.Closed("The client was closed."));
        connections.join(end);
        var unused = done.whenComplete((nothing, failure) -> connections.leave(end));
        io.run(subscribing::start);
    }

    public SubscriptionSettings settings() {
        return settings;
    }

    /** {@link #commit(TopicPartition, long, String)} without metadata. */
    public CompletableFuture<Void> commit(TopicPartition partition, long offset) {
        return commit(partition, offset, "");
    }

    /**
     * Commits an offset for the group: that of the next record that it wants in the partition. It
     * may lie anywhere. Commits are stored in the order of the calls.
     *
     * @param metadata what the group wants to find beside it, at most 4096 characters
     * @return completes when it is stored, on the I/O thread, which callbacks must not block. Fails
     *     with PARTITION_NOT_LEASED if the partition is not this subscription's (any more), and
     *     with a retriable failure if the group could not store it just now
     * @throws IllegalStateException without a group
     */
    public CompletableFuture<Void> commit(TopicPartition partition, long offset, String metadata) {
        if (!settings.hasGroup()) {
            throw new IllegalStateException("A subscription without a group commits nothing");
        }
        if (offset < 0) {
            throw new IllegalArgumentException("An offset is not negative: " + offset);
        }
        CompletableFuture<Void> stored = new CompletableFuture<>();
        CommitLedger.Mark mark = new CommitLedger.Mark(offset, metadata);
        subscribing.enter((core, now) -> core.commit(partition, mark, stored, now));
        return stored;
    }

    /**
     * Hands over nothing more of some partitions, but for the batch that a handler has. They stay
     * this subscription's. Those that are not its own are passed over.
     */
    public void pause(Collection<TopicPartition> partitions) {
        subscribing.enter((core, now) -> core.pause(partitions, now));
    }

    /** Goes on with partitions that are paused, where they were. */
    public void resume(Collection<TopicPartition> partitions) {
        subscribing.enter((core, now) -> core.resume(partitions, now));
    }

    /**
     * Goes on elsewhere in a partition, once its handler has returned if it has a batch; also after
     * a failure. Automatic commits follow to there, whether or not it lies behind. Passed over if
     * the partition is not this subscription's.
     */
    public void seek(TopicPartition partition, StartPosition place) {
        subscribing.enter((core, now) -> core.seek(partition, place, now));
    }

    /** Why nothing comes just now, in words for people; empty if all is well. */
    public Optional<String> trouble() {
        return Optional.ofNullable(subscribing.trouble());
    }

    /**
     * Completes when the subscription is over: normally after it was closed, otherwise with why it
     * ended. On the I/O thread, which callbacks must not block. If the client is closed under it,
     * the listener may not be told that the partitions are lost.
     */
    public CompletableFuture<Void> done() {
        return done.copy();
    }

    /** {@link #closeAsync} with 30 s, and waits. */
    @Override
    public void close() {
        close(PATIENCE);
    }

    /**
     * {@link #closeAsync}, and waits.
     *
     * @throws MillraceException what it ended with, if it did not end in good order
     * @throws IllegalStateException if called by its handler or listener, for which it would wait
     */
    public void close(Duration patience) {
        if (SubscriptionCallbacks.isWithin(this) || io.isCurrent()) {
            throw new IllegalStateException(
                    "This thread is what close would wait for: call closeAsync instead");
        }
        UnaryCalls.await(closeAsync(patience), patience.plusSeconds(5), "Closing the subscription");
    }

    /**
     * Begins the end: nothing more is handed over; when handlers have returned and the listener was
     * told, what they finished is committed, and the group gets its partitions at once.
     *
     * @param patience how long that may take. After it the subscription just ends: then the group
     *     waits for the session timeout, and what was not committed is handled again
     * @return {@link #done}
     */
    public CompletableFuture<Void> closeAsync(Duration patience) {
        try {
            io.run(() -> {
                subscribing.enter(SubscriptionCore::close);
                io.schedule(
                        patience,
                        () ->
                                abort(
                                        new MillraceException.TimedOut(
                                                "The subscription was not closed within %d ms; what was not committed will be handled again."
                                                        .formatted(patience.toMillis()))));
            });
        } catch (MillraceException.Closed over) {
            done.completeExceptionally(over);
        }
        return done();
    }

    private void abort(MillraceException why) {
        subscribing.enter((core, now) -> core.abort(why));
    }
}
