package io.millrace.security.authentication;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.security.principal.Principal;

/** The result of an attempt to authenticate. */
public sealed interface Authentication {

    /**
     * @param expiresMs the time at which the credentials expire, in milliseconds since the epoch;
     *     {@link io.millrace.security.principal.Caller#NEVER} for never
     */
    record Accepted(AuthenticationMethod method, Principal principal, long expiresMs)
            implements Authentication {}

    /**
     * A rejection.
     *
     * @param method the method that the credentials belong to, or {@code none}
     * @param problem cause and action without the secret: UNAUTHENTICATED, CREDENTIALS_EXPIRED, or
     *     CREDENTIALS_UNVERIFIABLE
     */
    record Rejected(String method, Problem problem) implements Authentication {}

    /** Returns a final rejection. */
    static Rejected rejected(AuthenticationMethod method, String message) {
        return new Rejected(method.label(), new Problem(Reason.UNAUTHENTICATED, message));
    }
}
