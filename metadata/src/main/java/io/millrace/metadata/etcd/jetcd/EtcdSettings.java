package io.millrace.metadata.etcd.jetcd;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Connection settings for etcd.
 *
 * @param endpoints the members, as http://HOST:PORT, or https://HOST:PORT for TLS
 * @param tls the certificates; for https only
 * @param callTimeout the time limit of a call, and so the longest delay by a hanging member
 */
public record EtcdSettings(
        List<URI> endpoints,
        Optional<EtcdTls> tls,
        Optional<EtcdUser> user,
        Duration callTimeout,
        Duration connectTimeout) {

    public EtcdSettings {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException(
                    "etcd needs at least one endpoint: " + ENDPOINT_FORMAT);
        }
        endpoints.forEach(EtcdSettings::check);
        if (tls.isPresent() && endpoints.stream().noneMatch(EtcdSettings::isEncrypted)) {
            throw new IllegalArgumentException(
                    "Certificates for etcd are given, but no endpoint of it is https://HOST:PORT");
        }
        if (!callTimeout.isPositive() || !connectTimeout.isPositive()) {
            throw new IllegalArgumentException("the timeouts for etcd must be positive");
        }
    }

    private static final String ENDPOINT_FORMAT = "http://HOST:PORT or https://HOST:PORT";

    /** Returns settings with default timeouts. */
    public static EtcdSettings of(
            List<URI> endpoints, Optional<EtcdTls> tls, Optional<EtcdUser> user) {
        return new EtcdSettings(endpoints, tls, user, Duration.ofSeconds(3), Duration.ofSeconds(2));
    }

    private static void check(URI endpoint) {
        // The addresses are logged. The message must not repeat them.
        if (endpoint.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "an endpoint of etcd has a user in its address: remove the user, and set"
                            + " millrace.etcd-user and millrace.etcd-password");
        }
        boolean known = "http".equals(endpoint.getScheme()) || isEncrypted(endpoint);
        if (!known || endpoint.getHost() == null || endpoint.getPort() < 0) {
            throw new IllegalArgumentException(
                    "%s is no endpoint of etcd: %s".formatted(endpoint, ENDPOINT_FORMAT));
        }
    }

    static boolean isEncrypted(URI endpoint) {
        return "https".equals(endpoint.getScheme());
    }
}
