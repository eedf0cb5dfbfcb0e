package io.millrace.client;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Earliest;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.Latest;
import io.millrace.protocol.v1.ListOffsetsRequest;
import io.millrace.protocol.v1.ListOffsetsResponse;
import io.millrace.protocol.v1.OffsetAnswer;
import io.millrace.protocol.v1.OffsetQuery;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a reader's inbox filled: one fetch is always on its way while there is room. Survives
 * broken connections, since it knows where each cursor stands. Owner: the I/O thread.
 */
final class Fetcher {

    private static final Duration GRACE = Duration.ofSeconds(20);

    /** A cursor as it was when it was asked for. */
    private record Asked(Cursor cursor, int epoch, long offset) {}

    private final ReaderSettings settings;
    private final IoThread io;
    private final Connection connection;
    private final Inbox inbox;
    private final List<Cursor> cursors;
    private final Backoff backoff;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicBoolean failureWaits = new AtomicBoolean();
    private @Nullable CompletableFuture<FetchResponse> inFlight;
    private boolean busy;
    private boolean closed;
    private int failuresInARow;
    private long awaySinceNanos;

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
        this.cursors = new ArrayList<>(cursors);
        this.backoff = backoff;
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

    /** Goes on elsewhere with a cursor, whose epoch was raised. From any thread. */
    void move(Cursor cursor, StartAt start) {
        io.run(() -> {
            cursor.begin(start);
            // It may wait long for what is not wanted any more.
            cancel();
            next();
        });
    }

    private void cancel() {
        CompletableFuture<FetchResponse> current = inFlight;
        if (current != null) {
            current.cancel(false);
        }
    }

    private void next() {
        if (busy || closed || waitingBytes.get() >= settings.prefetchBytes()) {
            return;
        }
        List<Cursor> active = cursors.stream().filter(cursor -> !cursor.stopped).toList();
        if (active.isEmpty()) {
            return;
        }
        busy = true;
        List<Cursor> unresolved = active.stream().filter(cursor -> cursor.start != null).toList();
        if (unresolved.isEmpty()) {
            fetch(active);
        } else {
            resolve(unresolved);
        }
    }

    private void resolve(List<Cursor> unresolved) {
        ListOffsetsRequest.Builder request = ListOffsetsRequest.newBuilder();
        List<Asked> asked = new ArrayList<>();
        for (Cursor cursor : unresolved) {
            request.addQueries(query(cursor));
            asked.add(new Asked(cursor, cursor.epoch, -1));
        }
        Calls.unary(connection, FetchGrpc.getListOffsetsMethod(), request.build(), GRACE)
                .whenComplete(
                        (response, failure) -> io.run(() -> resolved(asked, response, failure)));
    }

    static OffsetQuery query(TopicPartition partition, StartAt start) {
        OffsetQuery.Builder query =
                OffsetQuery.newBuilder()
                        .setTopic(partition.topic())
                        .setPartition(partition.partition());
        switch (start) {
            case StartAt.Beginning() -> query.setEarliest(Earliest.getDefaultInstance());
            case StartAt.End() -> query.setLatest(Latest.getDefaultInstance());
            case StartAt.Timestamp(long ms) -> query.setTimestampMs(ms);
            case StartAt.Offset(long offset) ->
                    throw new IllegalArgumentException("Known already: " + offset);
        }
        return query.build();
    }

    private static OffsetQuery query(Cursor cursor) {
        StartAt start = cursor.start;
        return query(cursor.partition, start == null ? StartAt.beginning() : start);
    }

    private void resolved(
            List<Asked> asked,
            @Nullable ListOffsetsResponse response,
            @Nullable Throwable failure) {
        busy = false;
        if (response == null) {
            callFailed(failure);
            return;
        }
        answered();
        boolean pause = false;
        for (int i = 0; i < asked.size() && i < response.getAnswersCount(); i++) {
            OffsetAnswer answer = response.getAnswers(i);
            Cursor cursor = asked.get(i).cursor();
            if (cursor.epoch != asked.get(i).epoch()) {
                continue;
            }
            if (answer.hasError()) {
                pause |= partitionFailed(cursor, Failures.problemOf(answer.getError()));
            } else {
                cursor.start = null;
                cursor.nextOffset = answer.getOffset();
            }
        }
        goOn(pause);
    }

    private void fetch(List<Cursor> active) {
        FetchRequest.Builder request =
                FetchRequest.newBuilder()
                        .setMaxWaitMs((int) settings.maxWait().toMillis())
                        .setMinBytes(settings.minBytes())
                        .setMaxBytes(settings.fetchBytes());
        List<Asked> asked = new ArrayList<>(active.size());
        for (Cursor cursor : active) {
            request.addPartitions(
                    FetchPartition.newBuilder()
                            .setTopic(cursor.partition.topic())
                            .setPartition(cursor.partition.partition())
                            .setOffset(cursor.nextOffset));
            asked.add(new Asked(cursor, cursor.epoch, cursor.nextOffset));
        }
        // The order is that of preference: another is first the next time.
        Collections.rotate(cursors, -1);
        CompletableFuture<FetchResponse> call =
                Calls.unary(
                        connection,
                        AliasedResponses.FETCH,
                        request.build(),
                        settings.maxWait().plus(GRACE));
        inFlight = call;
        var unused =
                call.whenComplete(
                        (response, failure) -> io.run(() -> fetched(asked, response, failure)));
    }

    private void fetched(
            List<Asked> asked, @Nullable FetchResponse response, @Nullable Throwable failure) {
        busy = false;
        inFlight = null;
        if (failure instanceof CancellationException) {
            next();
            return;
        }
        if (response == null) {
            callFailed(failure);
            return;
        }
        answered();
        boolean pause = false;
        for (int i = 0; i < asked.size() && i < response.getPartitionsCount(); i++) {
            FetchedPartition part = response.getPartitions(i);
            Cursor cursor = asked.get(i).cursor();
            if (cursor.epoch != asked.get(i).epoch()) {
                continue;
            }
            if (part.hasError()) {
                pause |= partitionFailed(cursor, Failures.problemOf(part.getError()));
            } else if (!part.getBatches().isEmpty()) {
                take(asked.get(i), part);
            }
        }
        goOn(pause);
    }

    private void take(Asked asked, FetchedPartition part) {
        ByteBuffer bytes = part.getBatches().asReadOnlyByteBuffer();
        ByteBuffer writable = unshielded(part, bytes);
        int at = 0;
        long next = asked.offset();
        while (at < writable.limit()) {
            int length = ReadBatch.lengthAt(writable, at);
            if (length < 0) {
                asked.cursor().stopped = true;
                fail(
                        new MillraceException.Corrupt(
                                "The server sent something that is no batch for offset %d of %s."
                                        .formatted(next, asked.cursor().partition)));
                return;
            }
            next = ReadBatch.nextOffsetAt(writable, at);
            at += length;
        }
        asked.cursor().nextOffset = next;
        waitingBytes.addAndGet(writable.limit());
        inbox.add(
                new Inbox.Item.Batches(
                        asked.cursor(),
                        asked.epoch(),
                        writable,
                        asked.offset(),
                        part.getHighWatermark()));
    }

    /** A buffer from zero on that has an array, which spares those who write values a copy. */
    private static ByteBuffer unshielded(FetchedPartition part, ByteBuffer readOnly) {
        ArrayCatcher catcher = new ArrayCatcher();
        try {
            com.google.protobuf.UnsafeByteOperations.unsafeWriteTo(part.getBatches(), catcher);
        } catch (java.io.IOException impossible) {
            throw new java.io.UncheckedIOException("Memory does not fail", impossible);
        }
        ByteBuffer caught = catcher.whole(readOnly.remaining());
        return caught == null ? readOnly.slice() : caught;
    }

    /** Whether the partition's trouble is worth a pause and another try. */
    private boolean partitionFailed(Cursor cursor, Problem problem) {
        if (problem.retriable()) {
            return true;
        }
        cursor.stopped = true;
        fail(
                problem.reason() == Reason.OFFSET_OUT_OF_RANGE
                        ? outOfRange(cursor, problem)
                        : Failures.ofProblem(problem));
        return false;
    }

    private static MillraceException outOfRange(Cursor cursor, Problem problem) {
        return new MillraceException.OffsetOutOfRange(
                cursor.partition,
                cursor.nextOffset,
                number(problem, "log_start_offset"),
                number(problem, "high_watermark"));
    }

    private static long number(Problem problem, String name) {
        try {
            return Long.parseLong(problem.details().getOrDefault(name, "-1"));
        } catch (NumberFormatException noNumber) {
            return -1;
        }
    }

    private void answered() {
        failuresInARow = 0;
    }

    private void callFailed(@Nullable Throwable thrown) {
        MillraceException failure =
                Calls.failureOf(thrown == null ? new IllegalStateException("No answer") : thrown);
        long now = io.nanoTime();
        if (failuresInARow++ == 0) {
            awaySinceNanos = now;
        }
        boolean away = failure.retriable();
        boolean tooLong = now - awaySinceNanos >= settings.unreachableAfter().toNanos();
        if (!away || tooLong) {
            if (!failureWaits.getAndSet(true)) {
                fail(failure);
            }
        }
        goOn(true);
    }

    private void fail(MillraceException failure) {
        inbox.add(new Inbox.Item.Failure(failure));
    }

    private void goOn(boolean pause) {
        if (!pause) {
            next();
            return;
        }
        busy = true;
        io.schedule(
                backoff.after(failuresInARow),
                () -> {
                    busy = false;
                    connection.tryNow();
                    next();
                });
    }
}
