package io.millrace.metadata.etcd.jetcd;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where etcd is and how to speak to it.
 *
 * @param endpoints its members, as http://HOST:PORT, or https://HOST:PORT for encrypted connections
 * @param tls for https only
 * @param user where etcd asks for one
 * @param callTimeout for a whole call, its answer included; so long a member that hangs is borne
 * @param connectTimeout for a new connection
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
            throw new IllegalArgumentException("etcd needs at least one endpoint: " + FORM);
        }
        endpoints.forEach(EtcdSettings::check);
        if (tls.isPresent() && endpoints.stream().noneMatch(EtcdSettings::isEncrypted)) {
            throw new IllegalArgumentException(
                    "Certificates for etcd are given, but no endpoint of it is https://HOST:PORT");
        }
        if (!callTimeout.isPositive() || !connectTimeout.isPositive()) {
            throw new IllegalArgumentException("etcd's timeouts must be longer than nothing");
        }
    }

    private static final String FORM = "http://HOST:PORT or https://HOST:PORT";

    /** With timeouts that fit most. */
    public static EtcdSettings of(
            List<URI> endpoints, Optional<EtcdTls> tls, Optional<EtcdUser> user) {
        return new EtcdSettings(endpoints, tls, user, Duration.ofSeconds(3), Duration.ofSeconds(2));
    }

    private static void check(URI endpoint) {
        boolean known = "http".equals(endpoint.getScheme()) || isEncrypted(endpoint);
        if (!known || endpoint.getHost() == null || endpoint.getPort() < 0) {
            throw new IllegalArgumentException(
                    "%s is no endpoint of etcd: %s".formatted(endpoint, FORM));
        }
    }

    static boolean isEncrypted(URI endpoint) {
        return "https".equals(endpoint.getScheme());
    }
}
