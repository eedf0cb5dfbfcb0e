package io.millrace.server.grpc.flow;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Accepts HTTP/2 connections, and has the flow-control window of each kept by a {@link
 * ConnectionWindow}. A connection for which there is no room is closed at once. The transport above
 * must leave the window of a connection as HTTP/2 begins with it.
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
            boolean admitted = windows.admit();
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
                    "More than %d connections: more are refused until some are closed. More direct"
                            + " memory (-XX:MaxDirectMemorySize) gives room for more.",
                    windows.connections());
        }
        rejecting = rejected;
    }
}
