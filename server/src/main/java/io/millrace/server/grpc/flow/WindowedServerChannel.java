package io.millrace.server.grpc.flow;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * A server channel that gives each HTTP/2 connection a {@link ConnectionWindow}, or closes the
 * connection if there is no room. The transport must not change a connection's initial window.
 */
public final class WindowedServerChannel extends NioServerSocketChannel {

    private static final Logger LOG = Logger.getLogger(WindowedServerChannel.class);

    private final ConnectionWindows windows;
    private final InboundLimit limit;
    private boolean rejecting;

    public WindowedServerChannel(ConnectionWindows windows, InboundLimit limit) {
        this.windows = windows;
        this.limit = limit;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        super.doReadMessages(accepted);
        for (int i = accepted.size() - 1; i >= before; i--) {
            Channel connection = (Channel) accepted.get(i);
            boolean admitted = windows.tryAdd();
            if (admitted) {
                connection.pipeline().addLast(new ConnectionWindow(windows, limit));
            } else {
                accepted.remove(i);
                connection.unsafe().closeForcibly();
            }
            warn(!admitted);
        }
        return accepted.size() - before;
    }

    private void warn(boolean rejected) {
        if (rejected && !rejecting) {
            LOG.warnf(
                    "The limit of %d connections is reached. New connections are refused until"
                            + " others are closed. To raise the limit, add direct memory"
                            + " (-XX:MaxDirectMemorySize).",
                    windows.connections());
        }
        rejecting = rejected;
    }
}
