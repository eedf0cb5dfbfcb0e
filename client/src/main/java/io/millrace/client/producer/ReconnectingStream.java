package io.millrace.client.producer;

import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a produce stream open while needed, and backs off after a failure. Aborts a silent stream
 * together with its connection, because a vanished machine never closes its connections. Owner: the
 * I/O thread.
 */
final class ReconnectingStream {

    private final IoThread io;
    private final Connection connection;
    private final Backoff backoff;
    private final ProduceStream.Owner owner;
    private @Nullable ProduceStream call;
    private boolean backingOff;
    private boolean closed;
    private int consecutiveFailures;
    private long silentSinceNanos;

    ReconnectingStream(
            IoThread io, Connection connection, Backoff backoff, ProduceStream.Owner owner) {
        this.io = io;
        this.connection = connection;
        this.backoff = backoff;
        this.owner = owner;
    }

    /** Returns the stream, opened if necessary; null during a backoff or after the close. */
    @Nullable ProduceStream open() {
        if (call == null && !backingOff && !closed) {
            Executor loop = io::run;
            ProduceStream opened = new ProduceStream(connection.channel(), owner, loop);
            call = opened;
            opened.open();
        }
        return call;
    }

    boolean isCurrent(ProduceStream which) {
        return which == call;
    }

    void send(ProduceStream stream, ReadyPartitions.Message message) {
        if (stream.nothingUnanswered()) {
            silentSinceNanos = io.nanoTime();
        }
        stream.send(message.request(), message.batches());
    }

    void received() {
        consecutiveFailures = 0;
        silentSinceNanos = io.nanoTime();
    }

    /** Returns the time since the last response while batches wait; otherwise zero. */
    Duration silence() {
        return nothingUnanswered()
                ? Duration.ZERO
                : Duration.ofNanos(io.nanoTime() - silentSinceNanos);
    }

    boolean nothingUnanswered() {
        ProduceStream current = call;
        return current == null || current.nothingUnanswered();
    }

    void abort() {
        ProduceStream current = call;
        if (current != null) {
            connection.reconnect();
            current.cancel(
                    "no response for %d ms, so the stream was aborted"
                            .formatted(silence().toMillis()));
        }
    }

    void ended(ProduceStream which, Runnable again) {
        if (which != call) {
            return;
        }
        call = null;
        backingOff = true;
        consecutiveFailures++;
        io.schedule(
                backoff.pauseAfter(consecutiveFailures),
                () -> {
                    backingOff = false;
                    connection.resetBackoff();
                    again.run();
                });
    }

    /**
     * Half-closes the stream and opens no further stream. The server has {@code patience} to end
     * its side.
     */
    void close(Duration patience) {
        ProduceStream last = call;
        if (!closed && last != null) {
            last.halfClose();
            io.schedule(patience, () -> last.cancel("The producer was closed."));
        }
        closed = true;
    }
}
