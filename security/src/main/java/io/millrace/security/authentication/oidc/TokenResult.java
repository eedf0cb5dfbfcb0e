package io.millrace.security.authentication.oidc;

import io.millrace.security.principal.Principal;

/** The result of the validation of a token. */
sealed interface TokenResult {

    /**
     * @param expiresMs the end of validity, including the allowed clock skew, in milliseconds since
     *     the epoch
     */
    record Valid(Principal principal, long expiresMs) implements TokenResult {}

    /** The issuer has no known key with this id, or not exactly one for a token without id. */
    record UnknownKey(String id) implements TokenResult {}

    /** The token was valid. */
    record Expired() implements TokenResult {}

    /**
     * @param why the end of a sentence about the token, without its content
     */
    record Invalid(String why) implements TokenResult {}
}
