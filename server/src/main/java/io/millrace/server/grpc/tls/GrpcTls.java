package io.millrace.server.grpc.tls;

import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.client.tls.ChannelSecurity;
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

/**
 * TLS of a node: of its gRPC port, and of its calls to other nodes, with one certificate for both.
 * Any thread.
 */
public final class GrpcTls {

    private record Contexts(SslContext server, SslContext client) {}

    private final SslContext server;
    private final ChannelSecurity nodes;
    private final TlsHandshakes handshakes;

    private GrpcTls(SslContext server, ChannelSecurity nodes, TlsHandshakes handshakes) {
        this.server = server;
        this.nodes = nodes;
        this.handshakes = handshakes;
    }

    /**
     * Loads the certificates and begins to watch their files.
     *
     * @param reader the executor that reads the files
     * @param audit receives failed handshakes
     * @throws io.millrace.runtime.tls.TlsFileException if the files cannot be used
     */
    public static GrpcTls start(
            TlsSettings settings,
            EventLoop loop,
            Executor reader,
            MeterRegistry registry,
            AuditLog audit) {
        ReloadedTls<Contexts> contexts =
                ReloadedTls.start(
                        settings.files(),
                        material -> contexts(material, settings.clients()),
                        loop,
                        reader,
                        registry);
        return new GrpcTls(
                new CurrentSslContext(() -> contexts.get().server()),
                new ChannelSecurity.Encrypted(
                        new CurrentSslContext(() -> contexts.get().client()), settings.nodeName()),
                new TlsHandshakes(loop::nanoTime, registry, audit));
    }

    private static Contexts contexts(TlsMaterial material, ClientCertificates clients)
            throws SSLException {
        ClientAuth requested =
                switch (clients) {
                    case NONE -> ClientAuth.NONE;
                    case WANTED -> ClientAuth.OPTIONAL;
                    case REQUIRED -> ClientAuth.REQUIRE;
                };
        return new Contexts(
                GrpcTlsContexts.forServer(material, requested),
                GrpcTlsContexts.forClient(material));
    }

    /** Configures a server that is about to be built. */
    public void apply(NettyServerBuilder builder) {
        builder.sslContext(server);
    }

    /** Returns a TLS handler for an accepted connection of another protocol. */
    public SslHandler newHandler(ByteBufAllocator allocator, Duration handshakeTimeout) {
        SslHandler handler = server.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    /** Returns the protection of channels to other nodes. */
    public ChannelSecurity nodes() {
        return nodes;
    }

    /** Returns the observer of the connections of the server. */
    public TlsHandshakes handshakes() {
        return handshakes;
    }
}
