package io.millrace.security.authentication.oidc;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The trusted issuer of tokens.
 *
 * @param issuer the exact value of the claim {@code iss}
 * @param audiences the accepted values of the claim {@code aud}, at least one
 * @param keys the address of the key set (JWKS), {@code https:} or {@code file:}; empty to discover
 *     the address from the issuer
 * @param principalClaim the claim with the name of the principal
 */
public record OidcSettings(
        String issuer, Set<String> audiences, Optional<URI> keys, String principalClaim) {

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    public OidcSettings {
        audiences = Set.copyOf(audiences);
        if (audiences.isEmpty()) {
            throw new IllegalArgumentException("at least one audience is required");
        }
    }

    /** Returns the address of the issuer's configuration, by OpenID Connect Discovery. */
    URI discovery() {
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        return URI.create(base + "/.well-known/openid-configuration");
    }

    /**
     * Returns whether keys may be read from the address: over TLS, from this machine, or from a
     * file. Over a plain connection, anyone on the network could replace the keys.
     */
    public static boolean isTrustworthy(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "https" -> address.getHost() != null;
            case "http" -> address.getHost() != null && LOOPBACK.contains(address.getHost());
            case "file" -> address.getPath() != null && !address.getPath().isEmpty();
            default -> false;
        };
    }
}
