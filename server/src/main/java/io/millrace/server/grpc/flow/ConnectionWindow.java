package io.millrace.server.grpc.flow;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.net.SocketAddress;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The flow-control window of a connection: its share of {@link ConnectionWindows}, or zero while
 * {@link InboundLimit} holds the connection back. At zero the peer uses up the current window.
 * Owned by the connection's event loop.
 */
final class ConnectionWindow extends ChannelInboundHandlerAdapter {

    private final ConnectionWindows windows;
    private final InboundLimit limit;
    private final ConnectionTable table;
    private final LongSupplier nanoTime;
    private int bytes = ConnectionWindows.MIN;
    private int usedUp;
    private InboundConnection.@Nullable ConnectionAddresses ends;
    private @Nullable InboundConnection connection;
    private @Nullable IdleConnection idle;
    private @Nullable Http2ConnectionHandler http2;

    /**
     * @param nanoTime a monotonic clock for any thread
     */
    ConnectionWindow(
            ConnectionWindows windows,
            ConnectionTable table,
            InboundLimit limit,
            LongSupplier nanoTime) {
        this.windows = windows;
        this.table = table;
        this.limit = limit;
        this.nanoTime = nanoTime;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        idle = new IdleConnection(context.channel(), table, nanoTime);
        SocketAddress local = context.channel().localAddress();
        SocketAddress remote = context.channel().remoteAddress();
        // A connection without an address is about to be closed.
        if (local != null && remote != null) {
            ends = new InboundConnection.ConnectionAddresses(local, remote);
            connection =
                    limit.register(ends, context.executor(), () -> onAdmissionChanged(context));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        // Adjust before the read, or bytes read now would be granted again before the window is
        // reduced.
        adjust(context);
        super.channelRead(context, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        if (http2 == null) {
            http2 = context.pipeline().get(Http2ConnectionHandler.class);
            if (http2 != null) {
                widenStreamWindows(context.pipeline().context(http2), http2);
                if (idle != null) {
                    idle.watch(http2.connection());
                }
            }
        }
        adjust(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (ends != null && connection != null) {
            limit.unregister(ends, connection);
        }
        windows.addUsedUp(-usedUp);
        windows.remove(bytes);
        if (idle != null) {
            idle.released();
        }
    }

    /** Raises the windows of the streams; the window of the connection is the effective limit. */
    private static void widenStreamWindows(
            ChannelHandlerContext context, Http2ConnectionHandler handler) {
        // The decoder applies the setting from the peer's acknowledgement on.
        handler.encoder()
                .writeSettings(
                        context,
                        new Http2Settings().initialWindowSize(ConnectionWindows.MAX),
                        context.newPromise());
        context.flush();
    }

    private void onAdmissionChanged(ChannelHandlerContext context) {
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
        int allowed = allowedBytes();
        int has = controller.initialWindowSize(stream);
        if (allowed != has) {
            controller.incrementWindowSize(stream, allowed - has);
            if (allowed > has) {
                context.pipeline().context(http2).flush();
            }
        }
        // An earlier grant counts until the granted bytes were received and consumed.
        updateReservation(
                Math.max(
                        allowed,
                        controller.windowSize(stream) + controller.unconsumedBytes(stream)));
    }

    private int allowedBytes() {
        if (connection != null && !limit.mayProceed(connection)) {
            return 0;
        }
        int wanted = windows.equalShare();
        if (wanted > bytes) {
            bytes += windows.reserve(wanted - bytes);
        }
        return Math.min(wanted, bytes);
    }

    private void updateReservation(int spans) {
        int kept = Math.max(spans, ConnectionWindows.MIN);
        if (kept < bytes) {
            windows.unreserve(bytes - kept);
            bytes = kept;
        }
        int missing = Math.max(0, ConnectionWindows.MIN - spans);
        if (missing != usedUp) {
            windows.addUsedUp(missing - usedUp);
            usedUp = missing;
        }
    }
}
