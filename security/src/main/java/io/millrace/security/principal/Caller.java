package io.millrace.security.principal;

/**
 * The sender of a call.
 *
 * @param host the IP address of the client in text form; empty if unknown
 * @param expiresMs the time at which the authentication ends, in milliseconds since the epoch;
 *     {@link #NEVER} for never. A call that lasts longer is ended then.
 */
public record Caller(Principal principal, String host, long expiresMs) {

    public static final long NEVER = Long.MAX_VALUE;

    public static Caller anonymous(String host) {
        return new Caller(Principal.ANONYMOUS, host, NEVER);
    }
}
