package io.millrace.client.tls;

import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;

/** The protection of channels to servers. Thread-safe. */
public sealed interface ChannelSecurity {

    /** Configures a channel that is about to be built, and returns its builder. */
    NettyChannelBuilder apply(NettyChannelBuilder channel);

    /**
     * @param tls the certificates; empty for plaintext
     * @throws io.millrace.runtime.tls.TlsFileException if a file cannot be used
     */
    static ChannelSecurity of(Optional<ClientTls> tls) {
        return tls.<ChannelSecurity>map(settings ->
                        new Encrypted(
                                new CurrentSslContext(new RereadContext(settings.files())),
                                settings.serverName()))
                .orElseGet(Plaintext::new);
    }

    /** No encryption. */
    record Plaintext() implements ChannelSecurity {
        @Override
        public NettyChannelBuilder apply(NettyChannelBuilder channel) {
            return channel.usePlaintext();
        }
    }

    /**
     * TLS.
     *
     * @param serverName the name that certificates must have; empty for the host of the address
     */
    record Encrypted(SslContext context, Optional<String> serverName) implements ChannelSecurity {
        @Override
        public NettyChannelBuilder apply(NettyChannelBuilder channel) {
            serverName.ifPresent(channel::overrideAuthority);
            return channel.sslContext(context);
        }
    }
}
