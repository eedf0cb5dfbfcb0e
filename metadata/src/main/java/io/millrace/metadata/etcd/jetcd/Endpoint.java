package io.millrace.metadata.etcd.jetcd;

import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A member of etcd and its connection, which is opened on first use. Any thread. */
final class Endpoint {

    /** etcd disconnects clients that ping more often than every 5 s; gRPC's minimum is 10 s. */
    private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

    private static final Duration PING_TIMEOUT = Duration.ofSeconds(3);

    /** Time for a member to rewrite a database of 8 GiB, the maximum of etcd. */
    private static final Duration MAX_MAINTENANCE_TIME = Duration.ofMinutes(2);

    /** Size of a page of the largest entries, plus a margin. */
    private static final int MAX_RESPONSE_BYTES = 128 << 20;

    private final URI uri;
    private final ManagedChannel channel;
    private final Optional<TokenCredentials> login;
    private final long callTimeoutNanos;

    Endpoint(URI uri, EtcdSettings settings) {
        this.uri = uri;
        this.channel = connect(uri, settings);
        this.login =
                settings.user()
                        .map(user -> new TokenCredentials(user, channel, settings.callTimeout()));
        this.callTimeoutNanos = settings.callTimeout().toNanos();
    }

    private static ManagedChannel connect(URI uri, EtcdSettings settings) {
        NettyChannelBuilder builder =
                NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort())
                        .directExecutor()
                        .disableRetry()
                        .maxInboundMessageSize(MAX_RESPONSE_BYTES)
                        .keepAliveTime(PING_INTERVAL.toNanos(), TimeUnit.NANOSECONDS)
                        .keepAliveTimeout(PING_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)
                        .withOption(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                Math.toIntExact(settings.connectTimeout().toMillis()))
                        .intercept(MetadataUtils.newAttachHeadersInterceptor(needsLeader()));
        if (EtcdSettings.isEncrypted(uri)) {
            builder.sslContext(tls(settings.tls()));
        } else {
            builder.usePlaintext();
        }
        return builder.build();
    }

    /** Makes a partitioned member fail a call at once. */
    private static Metadata needsLeader() {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
        return headers;
    }

    private static SslContext tls(Optional<EtcdTls> settings) {
        SslContextBuilder builder = GrpcSslContexts.forClient();
        try {
            settings.flatMap(EtcdTls::authorities)
                    .ifPresent(file -> builder.trustManager(file.toFile()));
            settings.flatMap(EtcdTls::identity)
                    .ifPresent(own ->
                            builder.keyManager(own.certificate().toFile(), own.key().toFile()));
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The certificates for etcd cannot be used (%s): all files must be PEM, and the key PKCS #8 without a password."
                            .formatted(e.getMessage()),
                    e);
        }
    }

    <S extends AbstractStub<S>> S forCall(Function<ManagedChannel, S> stub) {
        return forStream(stub).withDeadlineAfter(callTimeoutNanos, TimeUnit.NANOSECONDS);
    }

    <S extends AbstractStub<S>> S forMaintenance(Function<ManagedChannel, S> stub) {
        return forStream(stub).withDeadlineAfter(MAX_MAINTENANCE_TIME);
    }

    <S extends AbstractStub<S>> S forStream(Function<ManagedChannel, S> stub) {
        @Nullable CallCredentials credentials = login.orElse(null);
        S plain = stub.apply(channel);
        return credentials == null ? plain : plain.withCallCredentials(credentials);
    }

    void discardToken() {
        login.ifPresent(TokenCredentials::discardToken);
    }

    /** Skips the back-off before the next connection attempt. */
    void reconnect() {
        channel.resetConnectBackoff();
    }

    void close() {
        channel.shutdownNow();
    }

    @Override
    public String toString() {
        return uri.getAuthority();
    }
}
