package io.millrace.server.grpc.tls;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.principal.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Counts TLS handshakes by their result, records failures in the audit log, and logs one a minute.
 * Any thread.
 */
public final class TlsHandshakes {

    private static final Logger LOG = Logger.getLogger(TlsHandshakes.class);

    private static final long LOG_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MAX_CAUSES = 20;

    /** The text in place of a method in audit lines. */
    static final String METHOD = "TLS handshake";

    /** The type of the first record of a connection with TLS. */
    private static final byte HANDSHAKE = 22;

    /**
     * A fatal alert, protocol_version. The TLS handler closes such a connection without one, and
     * the client could not tell the cause.
     */
    private static final byte[] NOT_TLS = {21, 3, 3, 0, 2, 2, 70};

    private final LongSupplier nanoTime;
    private final AuditLog audit;
    private final AtomicLong nextLogNanos;
    private final Counter succeeded;
    private final Counter failed;
    private final Counter plaintext;
    private final Counter unfinished;

    /**
     * @param nanoTime a monotonic clock for any thread
     * @param listener the name of the port in the metrics
     */
    TlsHandshakes(LongSupplier nanoTime, MeterRegistry registry, String listener, AuditLog audit) {
        this.nanoTime = nanoTime;
        this.audit = audit;
        this.nextLogNanos = new AtomicLong(nanoTime.getAsLong());
        this.succeeded = counter(registry, listener, "succeeded");
        this.failed = counter(registry, listener, "failed");
        this.plaintext = counter(registry, listener, "plaintext");
        this.unfinished = counter(registry, listener, "unfinished");
    }

    private static Counter counter(MeterRegistry registry, String listener, String result) {
        return registry.counter("millrace.tls.handshakes", "listener", listener, "result", result);
    }

    /** Observes a connection that was accepted and is not active yet. */
    public void observe(Channel connection) {
        connection.pipeline().addLast(new Observer());
    }

    /**
     * Finds the TLS handler, which is added when the connection becomes active, and answers a
     * client in plaintext.
     */
    private final class Observer extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext context) throws Exception {
            super.channelActive(context);
            SslHandler tls = context.pipeline().get(SslHandler.class);
            if (tls != null) {
                tls.handshakeFuture().addListener(done -> ended(context.channel(), done.cause()));
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (message instanceof ByteBuf bytes
                    && bytes.isReadable()
                    && bytes.getByte(bytes.readerIndex()) != HANDSHAKE) {
                context.writeAndFlush(Unpooled.wrappedBuffer(NOT_TLS));
            }
            context.pipeline().remove(this);
            context.fireChannelRead(message);
        }
    }

    private void ended(Channel connection, @Nullable Throwable failure) {
        switch (failure) {
            case null -> succeeded.increment();
            case NotSslRecordException other -> {
                plaintext.increment();
                report(connection, "the client does not use TLS: connect it with TLS");
            }
            case SslHandshakeTimeoutException late -> {
                unfinished.increment();
                report(connection, "the handshake did not end in time");
            }
            // Also port scans and probes of load balancers, which are not worth a line.
            case ClosedChannelException closed -> unfinished.increment();
            default -> {
                failed.increment();
                report(connection, innermost(failure));
            }
        }
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; i < MAX_CAUSES && cause.getCause() != null; i++) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private void report(Channel connection, String cause) {
        audit.unauthenticated(
                PeerAddress.host(connection.remoteAddress()),
                METHOD,
                new Problem(Reason.UNAUTHENTICATED, "The TLS handshake failed: " + cause + "."));
        long nowNanos = nanoTime.getAsLong();
        long nextNanos = nextLogNanos.get();
        if (nowNanos - nextNanos >= 0
                && nextLogNanos.compareAndSet(nextNanos, nowNanos + LOG_PAUSE_NANOS)) {
            LOG.warnf(
                    "A TLS handshake with %s failed, and the connection was closed: %s. Reported"
                            + " once a minute.",
                    connection.remoteAddress(), cause);
        }
    }
}
