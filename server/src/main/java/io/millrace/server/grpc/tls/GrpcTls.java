package io.millrace.server.grpc.tls;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.client.tls.ChannelSecurity;
import io.millrace.client.tls.CurrentSslContext;
import io.millrace.client.tls.GrpcTlsContexts;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.tls.ReloadedTls;
import io.millrace.security.tls.TlsSettings;
import io.netty.handler.ssl.SslContext;
import java.util.concurrent.Executor;

/**
 * TLS of a node: of its gRPC port, and of its calls to other nodes, with one certificate for both.
 * Any thread.
 *
 * @param listener the protection of accepted connections
 * @param nodes the protection of channels to other nodes
 */
public record GrpcTls(ListenerTls listener, ChannelSecurity nodes) {

    private static final String LISTENER = "grpc";

    private record Contexts(SslContext server, SslContext client) {}

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
                        material ->
                                new Contexts(
                                        ListenerTls.context(material, settings.clients()),
                                        GrpcTlsContexts.forClient(material)),
                        loop,
                        reader,
                        registry,
                        LISTENER);
        return new GrpcTls(
                new ListenerTls(
                        new CurrentSslContext(() -> contexts.get().server()),
                        new TlsHandshakes(loop::nanoTime, registry, LISTENER, audit)),
                new ChannelSecurity.Encrypted(
                        new CurrentSslContext(() -> contexts.get().client()), settings.nodeName()));
    }
}
