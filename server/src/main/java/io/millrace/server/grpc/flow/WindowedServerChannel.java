package io.millrace.server.grpc.flow;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * A server channel that gives each HTTP/2 connection a {@link ConnectionWindow}. Without room for a
 * window, an idle connection is closed first; if there is none, the new connection is refused. The
 * transport must not change a connection's initial window.
 */
public final class WindowedServerChannel extends NioServerSocketChannel {

    private static final Logger LOG = Logger.getLogger(WindowedServerChannel.class);

    private final ConnectionWindows windows;
    private final ConnectionTable table;
    private final InboundLimit limit;
    private final LongSupplier nanoTime;
    private final Consumer<Channel> observer;
    private boolean full;

    /**
     * @param nanoTime a monotonic clock for any thread
     * @param observer a callback for each connection before it becomes active
     */
    public WindowedServerChannel(
            ConnectionWindows windows,
            ConnectionTable table,
            InboundLimit limit,
            LongSupplier nanoTime,
            Consumer<Channel> observer) {
        this.windows = windows;
        this.table = table;
        this.limit = limit;
        this.nanoTime = nanoTime;
        this.observer = observer;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        super.doReadMessages(accepted);
        for (int i = accepted.size() - 1; i >= before; i--) {
            Channel connection = (Channel) accepted.get(i);
            boolean room = windows.tryAdd();
            warn(!room);
            if (room) {
                prepare(connection);
            } else {
                accepted.remove(i);
                table.evict()
                        .thenAccept(
                                closed -> eventLoop().execute(() -> replace(closed, connection)));
            }
        }
        return accepted.size() - before;
    }

    private void prepare(Channel connection) {
        connection.pipeline().addLast(new ConnectionWindow(windows, table, limit, nanoTime));
        observer.accept(connection);
    }

    /** Accepts a connection after another was closed; refuses it if none was. */
    private void replace(boolean closed, Channel connection) {
        if (closed && isActive() && windows.tryAdd()) {
            prepare(connection);
            pipeline().fireChannelRead(connection);
            pipeline().fireChannelReadComplete();
        } else {
            windows.refuse();
            connection.unsafe().closeForcibly();
        }
    }

    private void warn(boolean now) {
        if (now && !full) {
            LOG.warnf(
                    "The limit of %d connections is reached. New connections replace idle ones, and"
                            + " are refused while all others have open calls. To raise the limit,"
                            + " add direct memory (-XX:MaxDirectMemorySize).",
                    windows.connections());
        }
        full = now;
    }
}
