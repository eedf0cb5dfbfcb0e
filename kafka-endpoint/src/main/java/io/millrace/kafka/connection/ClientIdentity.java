package io.millrace.kafka.connection;

import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.Credentials;
import io.millrace.security.principal.Caller;
import io.netty.channel.Channel;
import java.util.Optional;

/** The identity of the client of one connection. Owned by the event loop of the connection. */
public interface ClientIdentity {

    /** Returns the current sender; empty if not authenticated, or no longer. */
    Optional<Caller> caller();

    /** Authenticates by SASL. A rejection leaves the identity as it was. */
    Authentication present(Credentials credentials);

    /** Returns whether clients may authenticate by SASL. */
    boolean offersSasl();

    /** Creates the identities of the connections of a listener. */
    @FunctionalInterface
    interface Source {

        /** Called on the event loop, before the first request and after the TLS handshake. */
        ClientIdentity open(Channel channel);
    }
}
