package io.millrace.security.authentication;

import io.millrace.protocol.error.Problem;
import io.millrace.security.principal.Principal;

/** The result of an attempt to authenticate. */
public sealed interface Authentication {

    /**
     * @param expiresMs the time at which the credentials expire, in milliseconds since the epoch;
     *     {@link io.millrace.security.principal.Caller#NEVER} for never
     */
    record Accepted(Principal principal, long expiresMs) implements Authentication {}

    /** A rejection; the problem says the cause and the action, and never the secret. */
    record Rejected(Problem problem) implements Authentication {}
}
