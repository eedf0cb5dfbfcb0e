package io.millrace.client.reader;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.record.AliasedResponses;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.ListOffsetsRequest;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Fetches some partitions of a reader from one node: one call is always on its way while there is
 * room. What to ask and what an answer means is decided by {@link ReadPlan}; this class calls and
 * waits. Owner: the I/O thread.
 */
final class NodeFetcher {

    /** Who takes what comes. */
    interface Owner {
        /** Whether more may be fetched. */
        boolean hasRoom();

        void arrived(NodeFetcher from, ReadPlan.Outcome outcome);

        void failed(NodeFetcher from, MillraceException failure);

        /** How many calls failed in a row. */
        int failuresInARow();
    }

    /** What a call may take beyond the time for which it asks the server to wait. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final ReaderSettings settings;
    private final IoThread io;
    private final Connection connection;
    private final Backoff backoff;
    private final Owner owner;
    private ReadPlan plan;
    private @Nullable CompletableFuture<?> call;
    private long calledNanos;
    private boolean busy;

    NodeFetcher(
            ReaderSettings settings,
            IoThread io,
            Connection connection,
            Backoff backoff,
            Owner owner) {
        this.settings = settings;
        this.io = io;
        this.connection = connection;
        this.backoff = backoff;
        this.owner = owner;
        this.plan = new ReadPlan(settings, List.of());
    }

    Connection connection() {
        return connection;
    }

    /**
     * Leaves all its partitions, unless they are exactly these. Nothing comes any more of what was
     * asked before, so that others may ask for it.
     */
    void leaveUnless(List<ReadCursor> cursors) {
        if (!plan.hasExactly(cursors)) {
            plan = new ReadPlan(settings, List.of());
            cancel();
        }
    }

    /** Fetches these from now on, which nobody else does. */
    void follow(List<ReadCursor> cursors) {
        if (!plan.hasExactly(cursors)) {
            plan = new ReadPlan(settings, cursors);
        }
    }

    /** Drops what is on its way, if anything is, and asks again. */
    void cancel() {
        CompletableFuture<?> current = call;
        if (current != null) {
            current.cancel(false);
        }
    }

    /** Whether a call takes so much longer than it asked the server to wait. */
    boolean isLate(Duration limit) {
        return call != null
                && io.nanoTime() - calledNanos >= settings.maxWait().plus(limit).toNanos();
    }

    /** Asks if there is room and nothing is on its way. */
    void next() {
        if (busy || !owner.hasRoom() || plan.isStopped()) {
            return;
        }
        busy = true;
        ReadPlan asking = plan;
        ReadPlan.Question<ListOffsetsRequest> offsets = asking.offsets();
        if (offsets.asked().isEmpty()) {
            ask(AliasedResponses.FETCH, asking.batches(), settings.maxWait(), asking::fetched);
        } else {
            ask(FetchGrpc.getListOffsetsMethod(), offsets, Duration.ZERO, asking::found);
        }
    }

    private <Q extends MessageLite, A> void ask(
            MethodDescriptor<Q, A> method,
            ReadPlan.Question<Q> question,
            Duration wait,
            BiFunction<List<ReadPlan.Asked>, A, ReadPlan.Outcome> meaning) {
        CompletableFuture<A> asked =
                UnaryCalls.unary(connection, method, question.request(), wait.plus(GRACE));
        call = asked;
        calledNanos = io.nanoTime();
        var unused =
                asked.whenComplete((answer, failure) ->
                        io.run(() -> {
                            call = null;
                            if (answer == null) {
                                failed(failure);
                            } else {
                                ReadPlan.Outcome outcome = meaning.apply(question.asked(), answer);
                                owner.arrived(NodeFetcher.this, outcome);
                                proceed(outcome.pause());
                            }
                        }));
    }

    private void failed(@Nullable Throwable thrown) {
        if (thrown instanceof CancellationException) {
            proceed(false);
            return;
        }
        owner.failed(
                this,
                UnaryCalls.failureOf(
                        thrown == null ? new IllegalStateException("No answer") : thrown));
        proceed(true);
    }

    private void proceed(boolean pause) {
        if (!pause) {
            busy = false;
            next();
            return;
        }
        io.schedule(
                backoff.after(owner.failuresInARow()),
                () -> {
                    busy = false;
                    connection.tryNow();
                    next();
                });
    }
}
