package io.millrace.kafka.auth;

import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.Authenticator;
import io.millrace.security.authentication.Credentials;

/** A certificate or a token. */
final class PresentedCredentials implements CheckedCredentials {

    private final Authenticator authenticator;
    private final Credentials credentials;
    private long version;

    PresentedCredentials(Authenticator authenticator, Credentials credentials) {
        this.authenticator = authenticator;
        this.credentials = credentials;
    }

    @Override
    public boolean isOutdated() {
        return version != authenticator.version();
    }

    @Override
    public Authentication check() {
        version = authenticator.version();
        return authenticator.authenticate(credentials);
    }
}
