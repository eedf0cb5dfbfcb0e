package io.millrace.kafka.auth;

import io.millrace.security.authentication.AuthenticationMethod;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A SASL mechanism that carries a bearer token. */
public enum SaslMechanism {
    /** RFC 4616. The password is the token; the principal is that of the token, not the user. */
    PLAIN(AuthenticationMethod.TOKEN) {
        @Override
        Optional<String> tokenIn(String message) {
            String[] parts = message.split("\0", -1);
            boolean legal =
                    parts.length == 3
                            && !parts[1].isEmpty()
                            && !parts[2].isEmpty()
                            && (parts[0].isEmpty() || parts[0].equals(parts[1]));
            return legal ? Optional.of(parts[2]) : Optional.empty();
        }
    },
    /** RFC 7628. */
    OAUTHBEARER(AuthenticationMethod.OIDC) {
        @Override
        Optional<String> tokenIn(String message) {
            return KeyValuePairs.parse(message)
                    .flatMap(pairs -> pairs.first(AUTHORIZATION))
                    .map(BEARER::matcher)
                    .filter(Matcher::matches)
                    .map(matcher -> matcher.group(1));
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

    String wireName() {
        return name().toUpperCase(Locale.ROOT);
    }

    /** Returns the token in the first message of a client; empty if the message is malformed. */
    abstract Optional<String> tokenIn(String message);
}
