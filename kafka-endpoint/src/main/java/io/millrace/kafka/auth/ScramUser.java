package io.millrace.kafka.auth;

import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.protocol.scram.ScramName;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.scram.ScramAuthenticator;

/**
 * A user whose proof was accepted. Valid until the credential is removed; another password is for
 * new connections, so that clients can change it one by one.
 */
final class ScramUser implements CheckedCredentials {

    private final ScramAuthenticator users;
    private final ScramName name;
    private ScramCredentials checked;

    ScramUser(ScramAuthenticator users, ScramName name) {
        this.users = users;
        this.name = name;
        this.checked = users.credentials();
    }

    @Override
    public boolean isOutdated() {
        return checked != users.credentials();
    }

    @Override
    public Authentication check() {
        checked = users.credentials();
        return users.authenticate(name);
    }
}
