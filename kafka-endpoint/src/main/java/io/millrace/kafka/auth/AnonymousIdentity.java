package io.millrace.kafka.auth;

import io.millrace.kafka.connection.ClientIdentity;
import io.millrace.kafka.connection.SaslExchange;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.PeerAddress;
import io.netty.channel.Channel;
import java.util.Optional;

/** The identity of all clients of a server without authentication. */
public final class AnonymousIdentity implements ClientIdentity {

    private final Optional<Caller> caller;

    private AnonymousIdentity(Caller caller) {
        this.caller = Optional.of(caller);
    }

    public static ClientIdentity of(Channel channel) {
        return new AnonymousIdentity(Caller.anonymous(PeerAddress.host(channel.remoteAddress())));
    }

    @Override
    public Optional<Caller> caller() {
        return caller;
    }

    @Override
    public Optional<SaslExchange> sasl() {
        return Optional.empty();
    }

    @Override
    public void refused(String api) {}
}
