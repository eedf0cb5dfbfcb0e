package io.millrace.server.grpc.tls;

import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.client.tls.CurrentSslContext;
import io.millrace.client.tls.GrpcTlsContexts;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.tls.TlsMaterial;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.tls.ClientCertificates;
import io.millrace.security.tls.ReloadedTls;
import io.millrace.security.tls.TlsSettings;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;

/** TLS of accepted connections. Any thread. */
public final class ListenerTls {

    private final SslContext context;
    private final TlsHandshakes handshakes;

    ListenerTls(SslContext context, TlsHandshakes handshakes) {
        this.context = context;
        this.handshakes = handshakes;
    }

    /**
     * Loads the certificates of a listener and begins to watch their files.
     *
     * @param listener the name in the metrics
     * @param reader the executor that reads the files
     * @param audit receives failed handshakes
     * @throws io.millrace.runtime.tls.TlsFileException if the files cannot be used
     */
    public static ListenerTls start(
            TlsSettings settings,
            String listener,
            EventLoop loop,
            Executor reader,
            MeterRegistry registry,
            AuditLog audit) {
        ReloadedTls<SslContext> contexts =
                ReloadedTls.start(
                        settings.files(),
                        material -> context(material, settings.clients()),
                        loop,
                        reader,
                        registry,
                        listener);
        return new ListenerTls(
                new CurrentSslContext(contexts),
                new TlsHandshakes(loop::nanoTime, registry, listener, audit));
    }

    static SslContext context(TlsMaterial material, ClientCertificates clients)
            throws SSLException {
        ClientAuth requested =
                switch (clients) {
                    case NONE -> ClientAuth.NONE;
                    case WANTED -> ClientAuth.OPTIONAL;
                    case REQUIRED -> ClientAuth.REQUIRE;
                };
        return GrpcTlsContexts.forServer(material, requested);
    }

    /** Configures a server that is about to be built. */
    public void apply(NettyServerBuilder builder) {
        builder.sslContext(context);
    }

    /** Returns a TLS handler for an accepted connection of another protocol. */
    public SslHandler newHandler(ByteBufAllocator allocator, Duration handshakeTimeout) {
        SslHandler handler = context.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    /** Returns the observer of the connections. */
    public TlsHandshakes handshakes() {
        return handshakes;
    }
}
