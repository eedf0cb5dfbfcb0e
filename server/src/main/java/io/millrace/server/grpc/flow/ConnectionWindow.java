package io.millrace.server.grpc.flow;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the flow-control window of one connection at its share of {@link ConnectionWindows}, and at
 * zero while {@link InboundLimit} has it wait: the peer then uses up what it was given, and gets no
 * more. Owned by the connection's event loop.
 */
final class ConnectionWindow extends ChannelInboundHandlerAdapter {

    private final ConnectionWindows windows;
    private final InboundLimit limit;
    private int bytes = ConnectionWindows.MIN;
    private int usedUp;
    private InboundConnection.@Nullable Ends ends;
    private @Nullable InboundConnection connection;
    private @Nullable Http2ConnectionHandler http2;

    ConnectionWindow(ConnectionWindows windows, InboundLimit limit) {
        this.windows = windows;
        this.limit = limit;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        SocketAddress local = context.channel().localAddress();
        SocketAddress remote = context.channel().remoteAddress();
        // A connection that has no address any more is about to be closed.
        if (local != null && remote != null) {
            ends = new InboundConnection.Ends(local, remote);
            connection = limit.join(ends, context.executor(), () -> changed(context));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        // Else what is read now would be replaced before it is noticed that it should not be.
        adjust(context);
        super.channelRead(context, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        if (http2 == null) {
            http2 = context.pipeline().get(Http2ConnectionHandler.class);
            if (http2 != null) {
                openStreams(context.pipeline().context(http2), http2);
            }
        }
        adjust(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (ends != null && connection != null) {
            limit.leave(ends, connection);
        }
        windows.useUp(-usedUp);
        windows.leave(bytes);
    }

    /** The window of the connection is what bounds: those of its streams need not. */
    private static void openStreams(ChannelHandlerContext context, Http2ConnectionHandler handler) {
        // It counts from the peer's acknowledgement on: the decoder sees to that.
        handler.encoder()
                .writeSettings(
                        context,
                        new Http2Settings().initialWindowSize(ConnectionWindows.MAX),
                        context.newPromise());
        context.flush();
    }

    private void changed(ChannelHandlerContext context) {
        try {
            adjust(context);
        } catch (Http2Exception failure) {
            context.pipeline().fireExceptionCaught(failure);
        }
    }

    private void adjust(ChannelHandlerContext context) throws Http2Exception {
        if (http2 == null || !context.channel().isActive()) {
            return;
        }
        Http2LocalFlowController controller = http2.decoder().flowController();
        Http2Stream stream = http2.connection().connectionStream();
        int allowed = allowed();
        int has = controller.initialWindowSize(stream);
        if (allowed != has) {
            controller.incrementWindowSize(stream, allowed - has);
            if (allowed > has) {
                context.pipeline().context(http2).flush();
            }
        }
        // What was granted before can be used until the peer has sent it and it was taken.
        account(
                Math.max(
                        allowed,
                        controller.windowSize(stream) + controller.unconsumedBytes(stream)));
    }

    private int allowed() {
        if (connection != null && !limit.mayProceed(connection)) {
            return 0;
        }
        int wanted = windows.share();
        if (wanted > bytes) {
            bytes += windows.grow(wanted - bytes);
        }
        return Math.min(wanted, bytes);
    }

    private void account(int spans) {
        int kept = Math.max(spans, ConnectionWindows.MIN);
        if (kept < bytes) {
            windows.shrink(bytes - kept);
            bytes = kept;
        }
        int missing = Math.max(0, ConnectionWindows.MIN - spans);
        if (missing != usedUp) {
            windows.useUp(missing - usedUp);
            usedUp = missing;
        }
    }
}
