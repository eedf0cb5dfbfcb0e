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

/** One member of etcd and the connection to it, which is made when it is needed. Any thread. */
final class Endpoint {

    /** Etcd drops who pings more often than every 5 s, and gRPC pings no more often than this. */
    private static final Duration PING_EVERY = Duration.ofSeconds(10);

    private static final Duration PING_TIMEOUT = Duration.ofSeconds(3);

    /** A member rewrites its database of 8 GiB, the most that etcd supports. */
    private static final Duration LONGEST_WORK = Duration.ofMinutes(2);

    /** A page of the largest entries that the log reads, with room. */
    private static final int LARGEST_ANSWER_BYTES = 128 << 20;

    private final URI uri;
    private final ManagedChannel channel;
    private final Optional<Login> login;
    private final long callTimeoutNanos;

    Endpoint(URI uri, EtcdSettings settings) {
        this.uri = uri;
        this.channel = connect(uri, settings);
        this.login = settings.user().map(user -> new Login(user, channel, settings.callTimeout()));
        this.callTimeoutNanos = settings.callTimeout().toNanos();
    }

    private static ManagedChannel connect(URI uri, EtcdSettings settings) {
        NettyChannelBuilder builder =
                NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort())
                        .directExecutor()
                        .disableRetry()
                        .maxInboundMessageSize(LARGEST_ANSWER_BYTES)
                        .keepAliveTime(PING_EVERY.toNanos(), TimeUnit.NANOSECONDS)
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

    /** A member that was cut off from the others says so at once, instead of hanging. */
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

    /** A stub for calls that take so long at most. */
    <S extends AbstractStub<S>> S forCall(Function<ManagedChannel, S> stub) {
        return forStream(stub).withDeadlineAfter(callTimeoutNanos, TimeUnit.NANOSECONDS);
    }

    /** A stub for calls that make a member work for a while. */
    <S extends AbstractStub<S>> S forWork(Function<ManagedChannel, S> stub) {
        return forStream(stub).withDeadlineAfter(LONGEST_WORK);
    }

    /** A stub for streams without an end. */
    <S extends AbstractStub<S>> S forStream(Function<ManagedChannel, S> stub) {
        @Nullable CallCredentials credentials = login.orElse(null);
        S plain = stub.apply(channel);
        return credentials == null ? plain : plain.withCallCredentials(credentials);
    }

    /** The next call that needs a token fetches a new one. */
    void forgetToken() {
        login.ifPresent(Login::forget);
    }

    /** Does not wait with the next attempt to connect. */
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
