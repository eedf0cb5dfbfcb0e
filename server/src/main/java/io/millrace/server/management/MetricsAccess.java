package io.millrace.server.management;

import java.util.Optional;

/** The rule for requests to the management port, except those for health, which are open. */
sealed interface MetricsAccess {

    /** Every request is answered. */
    record Open() implements MetricsAccess {}

    /** No request is answered. */
    record Closed() implements MetricsAccess {}

    /** Requests need the bearer token in a file. */
    record ByToken(MetricsTokenFile file) implements MetricsAccess {}

    /**
     * Returns the rule.
     *
     * @param token the file of {@code millrace.metrics-token-file}
     * @param authenticated whether clients of the gRPC port are authenticated
     */
    static MetricsAccess of(Optional<MetricsTokenFile> token, boolean authenticated) {
        return token.<MetricsAccess>map(ByToken::new)
                .orElseGet(() -> authenticated ? new Closed() : new Open());
    }
}
