package io.millrace.server.settings;

import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.certificate.CertificateName;
import io.millrace.security.authentication.methods.AuthenticationSettings;
import io.millrace.security.authentication.oidc.OidcSettings;
import io.millrace.security.tls.ClientCertificates;
import io.millrace.security.tls.TlsSettings;
import io.millrace.server.settings.ServerSettings.InvalidSettingException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A parser for the settings of authentication. */
final class AuthenticationValues {

    private static final String NONE = "none";
    private static final String METHODS =
            "none, or one or more of certificate, token, oidc and scram, separated by commas";

    private final SettingReader reader;

    AuthenticationValues(SettingReader reader) {
        this.reader = reader;
    }

    /**
     * Returns the settings of the gRPC port and of the internal Kafka listener.
     *
     * @param tls the certificates of these ports; empty for plaintext
     */
    AuthenticationSettings read(Optional<TlsSettings> tls) {
        Set<AuthenticationMethod> methods =
                reader.parsed(Setting.AUTH, AuthenticationValues::methods, METHODS);
        if (methods.equals(Set.of(AuthenticationMethod.SCRAM))) {
            throw new InvalidSettingException(
                    "%s is scram only, so no client could create the first user: add certificate, token or oidc."
                            .formatted(Setting.AUTH.displayName()));
        }
        return settings(Setting.AUTH, methods, tls, Setting.TLS_CLIENT_AUTH);
    }

    /**
     * Returns the settings of the external Kafka listener, by default the methods of the gRPC port.
     *
     * @param tls the certificates of the listener; empty for plaintext
     */
    AuthenticationSettings readExternal(Optional<TlsSettings> tls) {
        Setting given =
                reader.configured(Setting.KAFKA_EXTERNAL_AUTH).isPresent()
                        ? Setting.KAFKA_EXTERNAL_AUTH
                        : Setting.AUTH;
        return settings(
                given,
                reader.parsed(given, AuthenticationValues::methods, METHODS),
                tls,
                Setting.KAFKA_EXTERNAL_TLS_CLIENT_AUTH);
    }

    private AuthenticationSettings settings(
            Setting given,
            Set<AuthenticationMethod> methods,
            Optional<TlsSettings> tls,
            Setting clientAuth) {
        if (methods.isEmpty()) {
            return AuthenticationSettings.OFF;
        }
        if (methods.contains(AuthenticationMethod.CERTIFICATE)
                && tls.filter(its -> its.clients() != ClientCertificates.NONE).isEmpty()) {
            throw new InvalidSettingException(
                    "%s includes certificate, but %s is none: set it to wanted or required%s."
                            .formatted(
                                    given.displayName(),
                                    clientAuth.displayName(),
                                    clientAuth == Setting.TLS_CLIENT_AUTH
                                            ? ""
                                            : ", or other methods in "
                                                    + Setting.KAFKA_EXTERNAL_AUTH.displayName()));
        }
        return new AuthenticationSettings(
                methods,
                methods.contains(AuthenticationMethod.CERTIFICATE)
                        ? Optional.of(
                                reader.parsed(
                                        Setting.AUTH_CERTIFICATE_PRINCIPAL,
                                        AuthenticationValues::certificateName,
                                        "dn, cn or san-dns"))
                        : Optional.empty(),
                methods.contains(AuthenticationMethod.TOKEN)
                        ? Optional.of(
                                Path.of(
                                        required(
                                                given,
                                                Setting.AUTH_TOKENS_FILE,
                                                "token",
                                                "a file")))
                        : Optional.empty(),
                methods.contains(AuthenticationMethod.OIDC)
                        ? Optional.of(oidc(given))
                        : Optional.empty());
    }

    private OidcSettings oidc(Setting given) {
        String issuer = required(given, Setting.OIDC_ISSUER, "oidc", "the URL of the issuer");
        Set<String> audiences = new LinkedHashSet<>();
        for (String audience :
                required(given, Setting.OIDC_AUDIENCE, "oidc", "the audience of the tokens")
                        .split(",")) {
            if (!audience.isBlank()) {
                audiences.add(audience.strip());
            }
        }
        if (audiences.isEmpty()) {
            throw new InvalidSettingException(
                    "%s has no audience: set the audience of the tokens."
                            .formatted(Setting.OIDC_AUDIENCE.displayName()));
        }
        Optional<URI> keys =
                reader.optional(
                        Setting.OIDC_JWKS,
                        AuthenticationValues::keys,
                        "https://HOST/PATH or file:/PATH; http only for localhost");
        OidcSettings settings =
                new OidcSettings(
                        issuer, audiences, keys, reader.text(Setting.OIDC_PRINCIPAL_CLAIM));
        if (keys.isEmpty()) {
            requireDiscovery(issuer);
        }
        return settings;
    }

    private static void requireDiscovery(String issuer) {
        try {
            URI address = keys(issuer);
            if (!"file".equalsIgnoreCase(address.getScheme())) {
                return;
            }
        } catch (IllegalArgumentException illegal) {
            // Reported below.
        }
        throw new InvalidSettingException(
                "%s must be https://HOST, not \"%s\", if %s is not set."
                        .formatted(
                                Setting.OIDC_ISSUER.displayName(),
                                issuer,
                                Setting.OIDC_JWKS.displayName()));
    }

    private String required(Setting given, Setting setting, String method, String what) {
        return reader.configured(setting)
                .orElseThrow(() ->
                        new InvalidSettingException(
                                "%s includes %s, but %s is not set: set %s."
                                        .formatted(
                                                given.displayName(),
                                                method,
                                                setting.displayName(),
                                                what)));
    }

    private static Set<AuthenticationMethod> methods(String text) {
        Set<AuthenticationMethod> methods = EnumSet.noneOf(AuthenticationMethod.class);
        if (text.equals(NONE)) {
            return methods;
        }
        for (String name : text.split(",", -1)) {
            methods.add(
                    Arrays.stream(AuthenticationMethod.values())
                            .filter(method -> method.label().equals(name.strip()))
                            .findFirst()
                            .orElseThrow(() -> new IllegalArgumentException(text)));
        }
        return methods;
    }

    private static CertificateName certificateName(String text) {
        return Arrays.stream(CertificateName.values())
                .filter(name -> name.label().equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(text));
    }

    private static URI keys(String text) {
        URI address = URI.create(text);
        if (!OidcSettings.isTrustworthy(address)) {
            throw new IllegalArgumentException(text);
        }
        return address;
    }
}
