package io.millrace.server.grpc.flow;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reports the open calls of a connection to the {@link ConnectionTable}, and closes the connection
 * with GOAWAY while it has none. Owned by the connection's event loop.
 */
final class IdleConnection extends Http2ConnectionAdapter {

    /** A peer that does not read cannot delay the close for longer. */
    private static final int GOAWAY_SECONDS = 1;

    private final Channel channel;
    private final ConnectionTable table;
    private final LongSupplier nanoTime;
    private final ConnectionTable.Entry entry;
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private @Nullable Http2Connection http2;

    /**
     * @param nanoTime a monotonic clock for any thread
     */
    IdleConnection(Channel channel, ConnectionTable table, LongSupplier nanoTime) {
        this.channel = channel;
        this.table = table;
        this.nanoTime = nanoTime;
        this.entry =
                table.add(
                        PeerAddress.of(channel.remoteAddress()), this::close, nanoTime.getAsLong());
    }

    void watch(Http2Connection connection) {
        http2 = connection;
        connection.addListener(this);
        report(connection);
    }

    /** Called when the connection has been closed and has released its window. */
    void released() {
        table.remove(entry);
        released.complete(null);
    }

    @Override
    public void onStreamActive(Http2Stream stream) {
        report(http2);
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        report(http2);
    }

    private void report(@Nullable Http2Connection connection) {
        entry.setOpenCalls(
                connection == null ? 0 : connection.numActiveStreams(), nanoTime.getAsLong());
    }

    /** Any thread. */
    private CompletableFuture<Boolean> close() {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        channel.eventLoop()
                .execute(() -> {
                    Http2Connection connection = http2;
                    if (connection != null && connection.numActiveStreams() > 0) {
                        closed.complete(false);
                        return;
                    }
                    closeWithGoAway();
                    var unused = released.thenRun(() -> closed.complete(true));
                });
        return closed;
    }

    private void closeWithGoAway() {
        var closed = channel.close();
        if (!closed.isDone()) {
            // From the first handler on, no other can delay the close.
            var timer =
                    channel.eventLoop()
                            .schedule(
                                    () -> channel.pipeline().firstContext().close(),
                                    GOAWAY_SECONDS,
                                    TimeUnit.SECONDS);
            closed.addListener(done -> timer.cancel(false));
        }
    }
}
