package io.millrace.server.grpc.auth;

import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.Authenticator;
import java.time.InstantSource;
import java.util.List;

/**
 * The authentication of clients on an endpoint.
 *
 * @param clock the wall clock, which expiries are compared with
 */
public record ClientAuthentication(
        Authenticator authenticator, AuthenticationListener listener, InstantSource clock) {

    /** Returns the same authentication with another listener, notified after the present one. */
    public ClientAuthentication notifying(AuthenticationListener more) {
        return new ClientAuthentication(
                authenticator, AuthenticationListener.all(List.of(listener, more)), clock);
    }
}
