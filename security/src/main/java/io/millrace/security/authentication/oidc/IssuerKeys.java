package io.millrace.security.authentication.oidc;

import java.util.Optional;

/** The current keys of an issuer. Any thread; never blocks. */
interface IssuerKeys extends AutoCloseable {

    /** Returns the keys; empty while none are known or the known ones are too old. */
    Optional<KeySet> current();

    /** Returns a number that changes with the keys. */
    long version();

    /**
     * Reports that a token of the issuer names an unknown key.
     *
     * @return whether the key may be found by a refresh, so that a retry of the call makes sense
     */
    boolean mayAppear(String keyId);

    @Override
    void close();
}
