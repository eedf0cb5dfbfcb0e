package io.millrace.security.authentication;

import java.security.cert.X509Certificate;

/** The proof of identity that a client presents. */
public sealed interface Credentials {

    /** No credentials. */
    record None() implements Credentials {}

    /** A client certificate whose chain the TLS handshake has verified. */
    record Certificate(X509Certificate leaf) implements Credentials {}

    /** A token of a bearer: a static token or a signed JWT. */
    record Bearer(String token) implements Credentials {

        @Override
        public String toString() {
            return "Bearer[secret]";
        }
    }
}
