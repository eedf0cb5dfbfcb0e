package io.millrace.kafka.connection;

import io.millrace.security.principal.Caller;
import io.netty.channel.Channel;
import java.util.Optional;

/** The identity of the client of one connection. Owned by the event loop of the connection. */
public interface ClientIdentity {

    /** Returns the current sender; empty if not authenticated, or no longer. */
    Optional<Caller> caller();

    /** Returns the means to authenticate by SASL; empty if the listener does not offer SASL. */
    Optional<SaslExchange> sasl();

    /** Records that a request of an API was refused, because {@link #caller} is empty. */
    void refused(String api);

    /** Creates the identities of the connections of a listener. */
    @FunctionalInterface
    interface Source {

        /** Called on the event loop, before the first request and after the TLS handshake. */
        ClientIdentity open(Channel channel);
    }
}
