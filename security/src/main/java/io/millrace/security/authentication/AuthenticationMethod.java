package io.millrace.security.authentication;

import java.util.Locale;

/** A way to prove an identity, enabled by {@code millrace.auth}. */
public enum AuthenticationMethod {
    /** A client certificate of the connection. */
    CERTIFICATE,
    /** A static token of the token file. */
    TOKEN,
    /** A signed token of an OpenID Connect issuer. */
    OIDC,
    /** A password of a user with a SCRAM credential. For Kafka clients. */
    SCRAM;

    /** Returns the name in the configuration and in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
