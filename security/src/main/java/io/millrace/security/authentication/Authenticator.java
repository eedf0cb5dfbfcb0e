package io.millrace.security.authentication;

/**
 * The one place that turns the credentials of a connection or call into a principal, for all
 * protocols. Any thread; never blocks.
 */
@FunctionalInterface
public interface Authenticator {

    Authentication authenticate(Credentials credentials);

    /**
     * Returns a number that changes when earlier results may have become invalid, such as after the
     * removal of a token. Results may be reused while the number is the same.
     */
    default long version() {
        return 0;
    }
}
