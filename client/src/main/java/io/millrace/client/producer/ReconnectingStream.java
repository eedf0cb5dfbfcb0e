package io.millrace.client.producer;

import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one produce stream open while needed: opens the stream, backs off after a failure, and
 * aborts the stream when the server is silent. Owner: the I/O thread.
 *
 * <p>A vanished machine never closes its connections. Batches sent to such a server, and all later
 * batches of the same partitions, would wait forever. A stream that leaves batches unanswered too
 * long is therefore aborted together with the connection.
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

    /** Returns the stream, opened if necessary; null during a backoff. */
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

    /** Returns the time since the last response while batches wait for one; zero if none waits. */
    Duration silence() {
        return nothingUnanswered()
                ? Duration.ZERO
                : Duration.ofNanos(io.nanoTime() - silentSinceNanos);
    }

    boolean nothingUnanswered() {
        ProduceStream current = call;
        return current == null || current.nothingUnanswered();
    }

    /** Aborts the stream and its connection, because no response is expected any more. */
    void abort() {
        ProduceStream current = call;
        if (current != null) {
            connection.reconnect();
            current.cancel(
                    "no response for %d ms, so the stream was aborted"
                            .formatted(silence().toMillis()));
        }
    }

    /**
     * Called when a stream has ended.
     *
     * @param again the callback that runs after the backoff
     */
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
     * Half-closes the stream and opens no further one.
     *
     * @param patience the time that the server has to end its side
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
