package io.millrace.security.principal;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Formats the address of the other end of a connection as in ACLs and audit lines. */
public final class PeerAddress {

    private PeerAddress() {}

    /** Returns the IP address without a scope; empty if unknown. */
    public static String host(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress remote && remote.getAddress() != null
                ? host(remote.getAddress())
                : "";
    }

    /** Returns the IP address without a scope. */
    public static String host(InetAddress address) {
        String host = address.getHostAddress();
        int scope = host.indexOf('%');
        return scope < 0 ? host : host.substring(0, scope);
    }
}
