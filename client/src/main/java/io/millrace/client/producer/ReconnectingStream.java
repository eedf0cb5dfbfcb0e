package io.millrace.client.producer;

import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one produce stream open while it is needed: opens it, waits longer and longer after it
 * broke, and breaks it when the server falls silent. Owner: the I/O thread.
 *
 * <p>A server whose machine vanished never says so, and what was sent to it would wait for its
 * answers for ever, with all that must come behind it. So a stream that leaves batches unanswered
 * for long is given up, and its connection with it.
 */
final class ReconnectingStream {

    private final IoThread io;
    private final Connection connection;
    private final Backoff backoff;
    private final ProduceStream.Owner owner;
    private @Nullable ProduceStream call;
    private boolean waits;
    private boolean closed;
    private int brokenInARow;
    private long silentSinceNanos;

    ReconnectingStream(
            IoThread io, Connection connection, Backoff backoff, ProduceStream.Owner owner) {
        this.io = io;
        this.connection = connection;
        this.backoff = backoff;
        this.owner = owner;
    }

    /** The stream, opened if need be; null while that has to wait. */
    @Nullable ProduceStream open() {
        if (call == null && !waits && !closed) {
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

    /** The server answered. */
    void received() {
        brokenInARow = 0;
        silentSinceNanos = io.nanoTime();
    }

    /** For how long batches have waited without a word from the server; zero if none waits. */
    Duration silence() {
        return nothingUnanswered()
                ? Duration.ZERO
                : Duration.ofNanos(io.nanoTime() - silentSinceNanos);
    }

    /** Whether no batch waits for its answer. */
    boolean nothingUnanswered() {
        ProduceStream current = call;
        return current == null || current.nothingUnanswered();
    }

    /** Gives the stream up, and its connection, since nothing comes of it any more. */
    void abort() {
        ProduceStream current = call;
        if (current != null) {
            connection.reconnect();
            current.cancel(
                    "it has answered nothing for %d ms, and the stream was given up"
                            .formatted(silence().toMillis()));
        }
    }

    /**
     * A stream is over.
     *
     * @param again what to do when it is time for another
     */
    void ended(ProduceStream which, Runnable again) {
        if (which != call) {
            return;
        }
        call = null;
        waits = true;
        brokenInARow++;
        io.schedule(
                backoff.after(brokenInARow),
                () -> {
                    waits = false;
                    connection.tryNow();
                    again.run();
                });
    }

    /**
     * Sends nothing more, and opens no other stream.
     *
     * @param patience how long the server may take to end its side
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
