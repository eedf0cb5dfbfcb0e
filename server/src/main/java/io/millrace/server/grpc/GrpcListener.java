package io.millrace.server.grpc;

import io.millrace.server.grpc.tls.ListenerTls;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * The address and protection of a gRPC port.
 *
 * @param tls the certificates; empty for plaintext
 * @param handshakeTimeout the time after which a connection that has not finished its handshakes,
 *     of TLS and of HTTP/2, is closed
 */
public record GrpcListener(
        InetSocketAddress address, Optional<ListenerTls> tls, Duration handshakeTimeout) {

    /** A connection that sends nothing, or half a handshake, takes memory that others need. */
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    public static GrpcListener of(InetSocketAddress address, Optional<ListenerTls> tls) {
        return new GrpcListener(address, tls, HANDSHAKE_TIMEOUT);
    }
}
