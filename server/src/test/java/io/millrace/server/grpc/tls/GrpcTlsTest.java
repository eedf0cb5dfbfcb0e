package io.millrace.server.grpc.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.error.MillraceException;
import io.millrace.client.tls.ChannelSecurity;
import io.millrace.client.tls.ClientTls;
import io.millrace.runtime.loop.ExecutorEventLoop;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.runtime.tls.TestAuthority;
import io.millrace.runtime.tls.TlsFiles;
import io.millrace.security.tls.ClientCertificates;
import io.millrace.security.tls.TlsSettings;
import io.millrace.server.grpc.GrpcEndpoint;
import io.millrace.server.grpc.GrpcListener;
import io.millrace.server.grpc.RunningNode;
import io.millrace.server.grpc.access.AccessControl;
import io.millrace.server.grpc.call.CallMetrics;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.NodeChannels;
import io.millrace.server.grpc.flow.InboundMemory;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections of clients and nodes to a gRPC port with TLS. */
class GrpcTlsTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final TestAuthority OTHER_AUTHORITY = new TestAuthority("other authority");

    /** The first bytes of a TLS handshake, which announce 512 more. */
    private static final byte[] HALF_HANDSHAKE = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};

    private static final String NONE_PRESENTED =
            "requires a client certificate of an authority that it trusts";
    private static final String REFUSED = "refused the certificate of this client";

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final SimulatedEventLoop reloads = new SimulatedEventLoop();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final RefusedHandshakes audit = new RefusedHandshakes();
    private Optional<GrpcTls> tls = Optional.empty();
    private Duration handshakeTimeout = Duration.ofSeconds(30);
    private @Nullable GrpcEndpoint endpoint;
    private int maxConnections = 100;

    @TempDir Path folder;

    private Path trust;

    @BeforeEach
    void trustTheAuthority() {
        trust = AUTHORITY.writeTo(folder.resolve("ca.crt"));
    }

    @AfterEach
    void close() throws IOException {
        channels.forEach(ManagedChannel::shutdownNow);
        for (Socket socket : sockets) {
            socket.close();
        }
        if (endpoint != null) {
            endpoint.close(1000);
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void serve(TestAuthority.Issued certificate, ClientCertificates clients)
            throws IOException {
        tls =
                Optional.of(
                        GrpcTls.start(
                                new TlsSettings(
                                        new TlsFiles(
                                                Optional.of(certificate.writeTo(folder, "node")),
                                                Optional.of(trust)),
                                        clients,
                                        Optional.of("millrace-node")),
                                reloads,
                                Runnable::run,
                                registry,
                                audit));
        listen();
    }

    private void listen() throws IOException {
        var first = loops.next();
        endpoint =
                GrpcEndpoint.start(
                        new GrpcListener(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                tls.map(GrpcTls::listener),
                                handshakeTimeout),
                        loops,
                        new ExecutorEventLoop(first, first::inEventLoop, nanos -> {}),
                        new InboundMemory(
                                64 << 20, maxConnections * 65_536L * 4 / 3 + 1, 100, Runnable::run),
                        new ConnectionIds(),
                        new CallMetrics(registry),
                        Optional.empty(),
                        AccessControl.open(registry),
                        List.of());
    }

    private int port() {
        return endpoint == null ? 0 : endpoint.port();
    }

    private static TestAuthority.Issued forLocalhost() {
        return AUTHORITY.issue("node", "localhost", "127.0.0.1", "millrace-node");
    }

    private ManagedChannel channel(Optional<ClientTls> settings) {
        ManagedChannel channel =
                ChannelSecurity.of(settings)
                        .apply(NettyChannelBuilder.forAddress("localhost", port()))
                        .build();
        channels.add(channel);
        return channel;
    }

    private ManagedChannel channel(ClientTls settings) {
        return channel(Optional.of(settings));
    }

    private ClientTls trusting() {
        return ClientTls.trusting(trust);
    }

    private ClientTls presenting(TestAuthority.Issued certificate) {
        TlsFiles.CertificateFiles files = certificate.writeTo(folder, "client");
        return trusting().withCertificate(files.certificate(), files.key());
    }

    private static void assertServed(ManagedChannel channel) {
        assertServed(HealthGrpc.newBlockingStub(channel));
    }

    private static void assertServed(HealthGrpc.HealthBlockingStub stub) {
        assertThat(
                        stub.withDeadlineAfter(30, TimeUnit.SECONDS)
                                .check(HealthCheckRequest.getDefaultInstance())
                                .getStatus())
                .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    /** Asserts on the message of a client of the given address. */
    private void assertRefused(Optional<ClientTls> settings, String... parts) {
        ClientSettings plain =
                ClientSettings.of("localhost:" + port())
                        .withoutDiscovery()
                        .withRequestTimeout(Duration.ofSeconds(20));
        try (MillraceClient client =
                MillraceClient.connect(settings.map(plain::withTls).orElse(plain))) {
            assertThatThrownBy(() -> client.describeCluster())
                    .isInstanceOf(MillraceException.Unreachable.class)
                    .message()
                    .contains("localhost:" + port())
                    .contains(parts);
        }
    }

    private double handshakes(String result) {
        return registry.get("millrace.tls.handshakes").tag("result", result).counter().count();
    }

    @Test
    void aClientThatTrustsTheAuthorityIsServed() throws IOException {
        serve(forLocalhost(), ClientCertificates.NONE);

        assertServed(channel(trusting()));
        assertThat(handshakes("succeeded")).isEqualTo(1);
    }

    @Test
    void aServerNameReplacesTheHost() throws IOException {
        serve(AUTHORITY.issue("node", "millrace-node"), ClientCertificates.NONE);

        assertServed(channel(trusting().withServerName("millrace-node")));
        assertRefused(Optional.of(trusting()), "is for another name");
    }

    @Test
    void anExpiredCertificateIsRefused() throws IOException {
        serve(AUTHORITY.issueExpired("node", "localhost"), ClientCertificates.NONE);

        assertRefused(Optional.of(trusting()), "has expired", "renew");
    }

    @Test
    void aSelfSignedCertificateIsRefused() throws IOException {
        serve(TestAuthority.selfSigned("node", "localhost"), ClientCertificates.NONE);

        assertRefused(Optional.of(trusting()), "is not trusted");
        assertRefused(Optional.of(ClientTls.ofJvmAuthorities()), "is not trusted");
    }

    @Test
    void aClientInPlaintextIsToldToUseTls() throws IOException {
        serve(forLocalhost(), ClientCertificates.NONE);

        assertRefused(Optional.empty(), "requires TLS");
        RunningNode.await(() -> handshakes("plaintext") > 0);
        audit.awaitLine("127.0.0.1 TLS handshake", "does not use TLS");
    }

    @Test
    void aClientWithTlsIsToldThatTheServerHasNone() throws IOException {
        listen();

        assertRefused(Optional.of(trusting()), "does not use TLS");
    }

    @Test
    void clientsWithoutAValidCertificateAreRefusedAndOthersAreServed() throws IOException {
        serve(forLocalhost(), ClientCertificates.REQUIRED);
        ManagedChannel good = channel(presenting(AUTHORITY.issue("good")));
        assertServed(good);

        assertRefused(Optional.of(trusting()), NONE_PRESENTED);
        // A client presents no certificate of an authority that the server does not name.
        assertRefused(Optional.of(presenting(OTHER_AUTHORITY.issue("other"))), NONE_PRESENTED);
        assertRefused(Optional.of(presenting(TestAuthority.selfSigned("me"))), NONE_PRESENTED);
        assertRefused(Optional.of(presenting(AUTHORITY.issueExpired("old"))), REFUSED);

        assertServed(good);
        assertThat(handshakes("failed")).isGreaterThanOrEqualTo(4);
        audit.awaitLine("127.0.0.1 TLS handshake", "The TLS handshake failed: ");
    }

    @Test
    void aWantedCertificateMayBeMissingButNotInvalid() throws IOException {
        serve(forLocalhost(), ClientCertificates.WANTED);

        assertServed(channel(trusting()));
        assertServed(channel(presenting(AUTHORITY.issue("good"))));
        assertRefused(Optional.of(presenting(AUTHORITY.issueExpired("old"))), REFUSED);
    }

    @Test
    void anAuthorityThatIsRemovedLosesNewConnectionsOnly() throws IOException {
        serve(forLocalhost(), ClientCertificates.REQUIRED);
        ClientTls client = presenting(AUTHORITY.issue("client"));
        ManagedChannel open = channel(client);
        assertServed(open);
        // The client still trusts the authority.
        ClientTls again = clientTrusting(AUTHORITY, client);
        assertServed(channel(again));

        OTHER_AUTHORITY.writeTo(trust);
        reloads.advance(Duration.ofSeconds(10));

        assertServed(open);
        assertRefused(Optional.of(again), NONE_PRESENTED);
        assertThatThrownBy(() -> assertServed(channel(again)))
                .isInstanceOf(StatusRuntimeException.class);
    }

    private ClientTls clientTrusting(TestAuthority authority, ClientTls own) {
        TlsFiles.CertificateFiles files = own.files().own().orElseThrow();
        return ClientTls.trusting(authority.writeTo(folder.resolve("client-ca.crt")))
                .withCertificate(files.certificate(), files.key());
    }

    @Test
    void aNewCertificateIsUsedByNewConnections() throws IOException {
        serve(forLocalhost(), ClientCertificates.NONE);
        ManagedChannel open = channel(trusting());
        assertServed(open);
        ClientTls other =
                ClientTls.trusting(OTHER_AUTHORITY.writeTo(folder.resolve("other-ca.crt")));
        assertRefused(Optional.of(other), "is not trusted");

        OTHER_AUTHORITY.issue("node", "localhost").writeTo(folder, "node");
        reloads.advance(Duration.ofSeconds(10));

        assertServed(channel(other));
        assertServed(open);
    }

    @Test
    void aClientReadsItsCertificateAgainForANewConnection() throws IOException {
        serve(forLocalhost(), ClientCertificates.REQUIRED);
        ManagedChannel channel = channel(presenting(AUTHORITY.issueExpired("client")));
        assertThatThrownBy(() -> assertServed(channel)).isInstanceOf(StatusRuntimeException.class);

        AUTHORITY.issue("client").writeTo(folder, "client");
        channel.resetConnectBackoff();

        assertServed(HealthGrpc.newBlockingStub(channel).withWaitForReady());
    }

    @Test
    void nodesVerifyTheNameOfNodesAndPresentTheirCertificate() throws IOException {
        serve(AUTHORITY.issue("node", "millrace-node"), ClientCertificates.REQUIRED);
        NodeChannels nodes = new NodeChannels(loops, tls.orElseThrow().nodes());
        ManagedChannel channel = nodes.to("127.0.0.1", port()).build();
        channels.add(channel);

        assertServed(channel);
    }

    @Test
    void halfHandshakesAreClosedAndMakeRoomForOthers() throws IOException {
        maxConnections = 3;
        handshakeTimeout = Duration.ofSeconds(2);
        serve(forLocalhost(), ClientCertificates.NONE);
        for (int i = 0; i < maxConnections; i++) {
            sockets.add(new Socket(InetAddress.getLoopbackAddress(), port()));
            sockets.getLast().getOutputStream().write(HALF_HANDSHAKE, 0, i == 0 ? 0 : 5 + i);
        }

        // The first attempt may arrive before the evicted connection has left its place.
        assertServed(HealthGrpc.newBlockingStub(channel(trusting())).withWaitForReady());

        for (Socket socket : sockets) {
            socket.setSoTimeout(30_000);
            InputStream in = socket.getInputStream();
            assertThat(in.readAllBytes()).as("bytes until the end").hasSizeLessThan(100);
        }
        RunningNode.await(() -> handshakes("unfinished") == 3);
    }

    @Test
    void aConnectionThatSendsOneByteAtATimeIsClosedInTime() throws IOException {
        handshakeTimeout = Duration.ofSeconds(2);
        serve(forLocalhost(), ClientCertificates.NONE);
        Socket slow = new Socket(InetAddress.getLoopbackAddress(), port());
        sockets.add(slow);
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);

        assertThatThrownBy(
                        () -> {
                            for (byte each : HALF_HANDSHAKE) {
                                slow.getOutputStream().write(each);
                                long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(150);
                                RunningNode.await(() -> System.nanoTime() - next >= 0);
                            }
                            while (System.nanoTime() - endNanos < 0) {
                                slow.getOutputStream().write(0);
                            }
                        })
                .isInstanceOf(IOException.class);
    }
}
