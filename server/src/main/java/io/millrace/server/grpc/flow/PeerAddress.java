package io.millrace.server.grpc.flow;

import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The address of a client or node without the port, by which limits are shared. */
public final class PeerAddress {

    private static final Object UNKNOWN = "unknown";

    private PeerAddress() {}

    public static Object of(ServerCall<?, ?> call) {
        return of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }

    static Object of(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress internet && internet.getAddress() != null
                ? internet.getAddress()
                : UNKNOWN;
    }
}
