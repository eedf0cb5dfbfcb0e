package io.millrace.server.grpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Accepts HTTP/2 connections, and keeps the flow-control window of each at its share of {@link
 * ConnectionWindows}. A connection for which there is no room is closed at once. The transport
 * above must leave the window of a connection as HTTP/2 begins with it.
 */
final class WindowedServerChannel extends NioServerSocketChannel {

    private static final Logger LOG = Logger.getLogger(WindowedServerChannel.class);

    private final ConnectionWindows windows;
    private boolean refusing;

    WindowedServerChannel(ConnectionWindows windows) {
        this.windows = windows;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        super.doReadMessages(accepted);
        for (int i = accepted.size() - 1; i >= before; i--) {
            Channel connection = (Channel) accepted.get(i);
            boolean admitted = windows.admit();
            if (admitted) {
                connection.pipeline().addLast(new Window());
            } else {
                accepted.remove(i);
                connection.unsafe().closeForcibly();
            }
            warn(!admitted);
        }
        return accepted.size() - before;
    }

    private void warn(boolean refused) {
        if (refused && !refusing) {
            LOG.warnf(
                    "More than %d connections: more are refused until some are closed. More direct"
                            + " memory (-XX:MaxDirectMemorySize) gives room for more.",
                    windows.connections());
        }
        refusing = refused;
    }

    /** The window of one connection. Owned by the connection's event loop. */
    private final class Window extends ChannelInboundHandlerAdapter {

        private int bytes = ConnectionWindows.LEAST;
        private @Nullable Http2ConnectionHandler http2;

        @Override
        public void channelReadComplete(ChannelHandlerContext context) throws Exception {
            context.fireChannelReadComplete();
            if (http2 == null) {
                http2 = context.pipeline().get(Http2ConnectionHandler.class);
                if (http2 != null) {
                    openStreams(context.pipeline().context(http2), http2);
                }
            }
            if (http2 != null && context.channel().isActive()) {
                adjust(http2);
            }
        }

        /** The window of the connection is what bounds: those of its streams need not. */
        private void openStreams(ChannelHandlerContext context, Http2ConnectionHandler handler) {
            // It counts from the peer's acknowledgement on: the decoder sees to that.
            handler.encoder()
                    .writeSettings(
                            context,
                            new Http2Settings().initialWindowSize(ConnectionWindows.MOST),
                            context.newPromise());
            context.flush();
        }

        private void adjust(Http2ConnectionHandler handler) throws Http2Exception {
            Http2LocalFlowController controller = handler.decoder().flowController();
            Http2Stream connection = handler.connection().connectionStream();
            int wanted = windows.share();
            int has = controller.initialWindowSize(connection);
            if (wanted > bytes) {
                bytes += windows.grow(wanted - bytes);
            }
            int allowed = Math.min(wanted, bytes);
            if (allowed != has) {
                controller.incrementWindowSize(connection, allowed - has);
            }
            // What was granted before can be used until the peer has sent it and it was taken.
            int spans =
                    Math.max(
                            allowed,
                            controller.windowSize(connection)
                                    + controller.unconsumedBytes(connection));
            if (spans < bytes) {
                windows.shrink(bytes - spans);
                bytes = spans;
            }
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            windows.leave(bytes);
        }
    }
}
