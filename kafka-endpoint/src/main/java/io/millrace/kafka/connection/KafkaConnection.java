package io.millrace.kafka.connection;

import io.millrace.metadata.membership.KafkaListener;
import io.millrace.security.authorization.Authorizer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a Kafka client: a handler of the transport's events that passes the bytes to
 * {@link ConnectionRequests}. Owned by its event loop.
 */
public final class KafkaConnection extends ChannelInboundHandlerAdapter
        implements ClientConnection {

    private static final Logger LOG = Logger.getLogger(KafkaConnection.class);

    private final ListenerContext listener;
    private final long id;
    private @Nullable ChannelHandlerContext channel;
    private @Nullable ConnectionRequests requests;
    private @Nullable ClientIdentity identity;
    private InetAddress peer = InetAddress.getLoopbackAddress();
    private boolean opened;
    private boolean ended;

    public KafkaConnection(ListenerContext listener) {
        this.listener = listener;
        this.id = listener.ids().getAsLong();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context;
        requests = new ConnectionRequests(context, listener, this);
        if (context.channel().isActive()) {
            opened(context);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        opened(context);
        context.fireChannelActive();
    }

    /** Called when the handler is added to an active channel, and when a channel becomes active. */
    private void opened(ChannelHandlerContext context) {
        if (opened) {
            return;
        }
        opened = true;
        listener.metrics().opened();
        if (context.channel().remoteAddress() instanceof InetSocketAddress remote
                && remote.getAddress() != null) {
            peer = remote.getAddress();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        requests().add((ByteBuf) message);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        requests().writeAnswers();
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent idle && isDead(context, idle.state())) {
            LOG.debugf("The Kafka connection from %s is closed: %s", peer, idle.state());
            context.close();
        }
        context.fireUserEventTriggered(event);
    }

    /** Returns whether a client sends nothing and waits for nothing, or does not read answers. */
    private boolean isDead(ChannelHandlerContext context, IdleState state) {
        return switch (state) {
            case ALL_IDLE -> requests().areAnswered();
            case WRITER_IDLE -> !context.channel().isWritable();
            case READER_IDLE -> false;
        };
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debugf("The Kafka connection from %s failed: %s", peer, cause);
        } else {
            LOG.debugf(cause, "The Kafka connection from %s failed", peer);
        }
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end();
    }

    private void end() {
        if (!ended) {
            ended = true;
            if (opened) {
                listener.metrics().closed();
            }
            requests().end();
        }
    }

    @Override
    public void close() {
        ChannelHandlerContext context = channel;
        if (context != null) {
            if (context.executor().inEventLoop()) {
                end();
            }
            context.close();
        }
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public KafkaListener listener() {
        return listener.name();
    }

    @Override
    public InetAddress peer() {
        return peer;
    }

    @Override
    public ClientIdentity identity() {
        ClientIdentity known = identity;
        if (known == null) {
            known = listener.identities().open(required(channel).channel());
            identity = known;
        }
        return known;
    }

    @Override
    public Authorizer authorizer() {
        return listener.authorizer();
    }

    @Override
    public RequestAudit audit() {
        return listener.audit();
    }

    @Override
    public Executor loop() {
        return required(channel).executor();
    }

    private ConnectionRequests requests() {
        return required(requests);
    }

    private static <T> T required(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("The connection has no channel yet.");
        }
        return part;
    }
}
