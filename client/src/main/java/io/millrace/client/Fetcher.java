package io.millrace.client;

import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.ListOffsetsRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a reader's inbox filled: one call is always on its way while there is room. What to ask and
 * what an answer means is decided by {@link ReadPlan}; this class calls, waits and counts. Survives
 * broken connections, since the cursors know where they stand. Owner: the I/O thread.
 *
 * <p>Up to {@link ReaderSettings#prefetchBytes} wait in the inbox, and one answer more.
 */
final class Fetcher {

    /** What a call may take beyond the time for which it asks the server to wait. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final ReaderSettings settings;
    private final IoThread io;
    private final Connection connection;
    private final Inbox inbox;
    private final ReadPlan plan;
    private final Backoff backoff;
    private final Outage outage;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicBoolean failureWaits = new AtomicBoolean();
    private @Nullable CompletableFuture<?> fetch;
    private boolean busy;
    private boolean closed;

    Fetcher(
            ReaderSettings settings,
            IoThread io,
            Connection connection,
            Inbox inbox,
            List<Cursor> cursors,
            Backoff backoff) {
        this.settings = settings;
        this.io = io;
        this.connection = connection;
        this.inbox = inbox;
        this.plan = new ReadPlan(settings, cursors);
        this.backoff = backoff;
        this.outage = new Outage(settings.unreachableAfter());
    }

    /** Fetches if there is room and nothing is on its way. From any thread. */
    void wake() {
        io.run(this::next);
    }

    /** Says that bytes were polled, or a failure. From any thread. */
    void taken(long bytes, boolean failure) {
        if (failure) {
            failureWaits.set(false);
        }
        long before = waitingBytes.getAndAdd(-bytes);
        if (failure
                || (before >= settings.prefetchBytes()
                        && before - bytes < settings.prefetchBytes())) {
            wake();
        }
    }

    void close() {
        io.run(() -> {
            closed = true;
            cancel();
        });
    }

    /**
     * Goes on elsewhere with a cursor. From any thread.
     *
     * @param epoch what the cursor's epoch was raised to
     */
    void move(Cursor cursor, StartAt start, int epoch) {
        io.run(() -> {
            cursor.follow(start, epoch);
            // It may wait long for what is not wanted any more.
            cancel();
            next();
        });
    }

    private void cancel() {
        CompletableFuture<?> current = fetch;
        if (current != null) {
            current.cancel(false);
        }
    }

    private void next() {
        if (busy || closed || waitingBytes.get() >= settings.prefetchBytes() || plan.isStopped()) {
            return;
        }
        busy = true;
        ReadPlan.Question<ListOffsetsRequest> offsets = plan.offsets();
        if (offsets.asked().isEmpty()) {
            fetch(plan.batches());
        } else {
            find(offsets);
        }
    }

    private void find(ReadPlan.Question<ListOffsetsRequest> question) {
        var unused =
                Calls.unary(connection, FetchGrpc.getListOffsetsMethod(), question.request(), GRACE)
                        .whenComplete((answer, failure) ->
                                io.run(() -> {
                                    if (answer == null) {
                                        failed(failure);
                                    } else {
                                        answered(plan.found(question.asked(), answer));
                                    }
                                }));
    }

    private void fetch(ReadPlan.Question<FetchRequest> question) {
        CompletableFuture<FetchResponse> call =
                Calls.unary(
                        connection,
                        AliasedResponses.FETCH,
                        question.request(),
                        settings.maxWait().plus(GRACE));
        fetch = call;
        var unused =
                call.whenComplete((answer, failure) ->
                        io.run(() -> {
                            fetch = null;
                            if (answer == null) {
                                failed(failure);
                            } else {
                                answered(plan.fetched(question.asked(), answer));
                            }
                        }));
    }

    private void answered(ReadPlan.Outcome outcome) {
        outage.over();
        for (Inbox.Item item : outcome.items()) {
            if (item instanceof Inbox.Item.Batches batches) {
                waitingBytes.addAndGet(batches.bytes().limit());
            }
            inbox.add(item);
        }
        goOn(outcome.pause());
    }

    private void failed(@Nullable Throwable thrown) {
        if (thrown instanceof CancellationException) {
            goOn(false);
            return;
        }
        MillraceException failure =
                Calls.failureOf(thrown == null ? new IllegalStateException("No answer") : thrown);
        boolean mustBeSaid = outage.failed(failure, io.nanoTime());
        if (mustBeSaid && !failureWaits.getAndSet(true)) {
            inbox.add(new Inbox.Item.Failure(failure));
        }
        goOn(true);
    }

    private void goOn(boolean pause) {
        if (!pause) {
            busy = false;
            next();
            return;
        }
        io.schedule(
                backoff.after(outage.failuresInARow()),
                () -> {
                    busy = false;
                    connection.tryNow();
                    next();
                });
    }
}
