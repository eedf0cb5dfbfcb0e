package io.millrace.server.grpc.auth;

import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.Authenticator;
import java.time.InstantSource;

/**
 * The authentication of clients on an endpoint.
 *
 * @param clock the wall clock, which expiries are compared with
 */
public record ClientAuthentication(
        Authenticator authenticator, AuthenticationListener listener, InstantSource clock) {}
