package io.millrace.kafka.auth;

import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.security.authentication.AuthenticationMethod;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A SASL mechanism. */
public enum SaslMechanism {
    /** RFC 4616. The password is the token; the principal is that of the token, not the user. */
    PLAIN(AuthenticationMethod.TOKEN) {
        @Override
        MechanismExchange begin(ClientIdentities clients) {
            return new BearerExchange(this, clients.authenticator(), SaslMechanism::passwordIn);
        }
    },
    /** RFC 7628. */
    OAUTHBEARER(AuthenticationMethod.OIDC) {
        @Override
        MechanismExchange begin(ClientIdentities clients) {
            return new BearerExchange(this, clients.authenticator(), SaslMechanism::bearerIn);
        }
    },
    /** RFC 7677. */
    SCRAM_SHA_256(AuthenticationMethod.SCRAM) {
        @Override
        MechanismExchange begin(ClientIdentities clients) {
            return scram(clients, ScramMechanism.SHA_256);
        }
    },
    /** RFC 5802 with SHA-512. */
    SCRAM_SHA_512(AuthenticationMethod.SCRAM) {
        @Override
        MechanismExchange begin(ClientIdentities clients) {
            return scram(clients, ScramMechanism.SHA_512);
        }
    };

    private static final String AUTHORIZATION = "auth";

    private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +([-A-Za-z0-9._~+/]+=*) *");

    private final AuthenticationMethod method;

    SaslMechanism(AuthenticationMethod method) {
        this.method = method;
    }

    /** Returns the method whose credentials the mechanism carries. */
    public AuthenticationMethod method() {
        return method;
    }

    /** Returns the name in requests and in settings of clients. */
    public String wireName() {
        return name().replace('_', '-');
    }

    /** Begins an authentication. */
    abstract MechanismExchange begin(ClientIdentities clients);

    final MechanismExchange scram(ClientIdentities clients, ScramMechanism functions) {
        return new ScramExchange(this, functions, clients.scram().orElseThrow());
    }

    /** Returns the password in a message of PLAIN; empty if the message is malformed. */
    static Optional<String> passwordIn(String message) {
        String[] parts = message.split("\0", -1);
        boolean legal =
                parts.length == 3
                        && !parts[1].isEmpty()
                        && !parts[2].isEmpty()
                        && (parts[0].isEmpty() || parts[0].equals(parts[1]));
        return legal ? Optional.of(parts[2]) : Optional.empty();
    }

    /** Returns the token in a message of OAUTHBEARER; empty if the message is malformed. */
    static Optional<String> bearerIn(String message) {
        return KeyValuePairs.parse(message)
                .flatMap(pairs -> pairs.first(AUTHORIZATION))
                .map(BEARER::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1));
    }
}
