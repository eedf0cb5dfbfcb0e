package io.millrace.kafka.auth;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/** The address of a client in the form that ACLs use. */
final class PeerHost {

    private PeerHost() {}

    /** Returns the IP address of the client, without a scope; empty if unknown. */
    static String of(Channel channel) {
        if (channel.remoteAddress() instanceof InetSocketAddress remote
                && remote.getAddress() != null) {
            String address = remote.getAddress().getHostAddress();
            int scope = address.indexOf('%');
            return scope < 0 ? address : address.substring(0, scope);
        }
        return "";
    }
}
