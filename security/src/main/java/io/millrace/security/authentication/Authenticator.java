package io.millrace.security.authentication;

/**
 * The one place that turns the credentials of a connection or call into a principal, for all
 * protocols. Any thread; never blocks.
 */
@FunctionalInterface
public interface Authenticator {

    Authentication authenticate(Credentials credentials);
}
