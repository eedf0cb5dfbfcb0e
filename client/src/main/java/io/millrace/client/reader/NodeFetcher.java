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
 * Fetches some partitions of a reader from a node, with a single call in flight while there is
 * room. Owner: the I/O thread.
 */
final class NodeFetcher {

    interface Owner {
        boolean hasRoom();

        void received(NodeFetcher from, ReadPlan.ResponseEffect outcome, long requestNanos);

        void failed(NodeFetcher from, MillraceException failure);

        int consecutiveFailures();
    }

    /** The timeout of a call in addition to the requested wait. */
    private static final Duration EXTRA_TIMEOUT = Duration.ofSeconds(20);

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
     * Drops all partitions unless they are exactly these, and discards responses to earlier
     * requests.
     */
    void clearUnless(List<ReadCursor> cursors) {
        if (!plan.hasExactly(cursors)) {
            plan = new ReadPlan(settings, List.of());
            cancel();
        }
    }

    /** Fetches these partitions, which no other node may fetch at the same time. */
    void assign(List<ReadCursor> cursors) {
        if (!plan.hasExactly(cursors)) {
            plan = new ReadPlan(settings, cursors);
        }
    }

    /** Cancels the call in flight, and sends a new call. */
    void cancel() {
        CompletableFuture<?> current = call;
        if (current != null) {
            current.cancel(false);
        }
    }

    /** Returns whether the call in flight exceeds its requested wait by {@code limit} or more. */
    boolean isLate(Duration limit) {
        return call != null
                && io.nanoTime() - calledNanos >= settings.maxWait().plus(limit).toNanos();
    }

    void fetchNext() {
        if (busy || !owner.hasRoom() || plan.isStopped()) {
            return;
        }
        busy = true;
        ReadPlan asking = plan;
        ReadPlan.PlannedRequest<ListOffsetsRequest> offsets = asking.offsetRequest();
        if (offsets.asked().isEmpty()) {
            send(
                    AliasedResponses.FETCH,
                    asking.fetchRequest(),
                    settings.maxWait(),
                    asking::batchesReceived);
        } else {
            send(FetchGrpc.getListOffsetsMethod(), offsets, Duration.ZERO, asking::offsetsReceived);
        }
    }

    private <Q extends MessageLite, A> void send(
            MethodDescriptor<Q, A> method,
            ReadPlan.PlannedRequest<Q> question,
            Duration wait,
            BiFunction<List<ReadPlan.CursorSnapshot>, A, ReadPlan.ResponseEffect> meaning) {
        CompletableFuture<A> asked =
                UnaryCalls.query(connection, method, question.request(), wait.plus(EXTRA_TIMEOUT));
        call = asked;
        calledNanos = io.nanoTime();
        var unused =
                asked.whenComplete((answer, failure) ->
                        io.run(() -> {
                            call = null;
                            if (answer == null) {
                                failed(failure);
                            } else {
                                ReadPlan.ResponseEffect outcome =
                                        meaning.apply(question.asked(), answer);
                                owner.received(
                                        NodeFetcher.this, outcome, io.nanoTime() - calledNanos);
                                fetchAgain(outcome.pause());
                            }
                        }));
    }

    private void failed(@Nullable Throwable thrown) {
        if (thrown instanceof CancellationException) {
            fetchAgain(false);
            return;
        }
        owner.failed(
                this,
                UnaryCalls.failureOf(
                        thrown == null ? new IllegalStateException("No answer") : thrown));
        fetchAgain(true);
    }

    private void fetchAgain(boolean pause) {
        if (!pause) {
            busy = false;
            fetchNext();
            return;
        }
        io.schedule(
                backoff.pauseAfter(owner.consecutiveFailures()),
                () -> {
                    busy = false;
                    connection.resetBackoff();
                    fetchNext();
                });
    }
}
