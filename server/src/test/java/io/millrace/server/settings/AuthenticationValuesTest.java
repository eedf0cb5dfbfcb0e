package io.millrace.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.tls.TlsFiles;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.certificate.CertificateName;
import io.millrace.security.authentication.methods.AuthenticationSettings;
import io.millrace.security.authentication.oidc.OidcSettings;
import io.millrace.security.tls.ClientCertificates;
import io.millrace.security.tls.TlsSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticationValuesTest {

    private static AuthenticationSettings read(Map<String, String> values) {
        return read(values, Optional.of(tls(ClientCertificates.WANTED)));
    }

    private static AuthenticationSettings read(
            Map<String, String> values, Optional<TlsSettings> tls) {
        return new AuthenticationValues(
                        new SettingReader(key -> Optional.ofNullable(values.get(key))))
                .read(tls);
    }

    private static TlsSettings tls(ClientCertificates clients) {
        TlsFiles files =
                new TlsFiles(
                        Optional.of(
                                new TlsFiles.CertificateFiles(
                                        Path.of("/x.crt"), Path.of("/x.key"))),
                        Optional.of(Path.of("/ca.crt")));
        return new TlsSettings(files, clients, Optional.empty());
    }

    @Test
    void certificatesNeedAPortThatAsksForThem() {
        Map<String, String> values = Map.of("millrace.auth", "certificate");
        for (Optional<TlsSettings> tls :
                List.of(Optional.<TlsSettings>empty(), Optional.of(tls(ClientCertificates.NONE)))) {
            assertThatThrownBy(() -> read(values, tls))
                    .isInstanceOf(ServerSettings.InvalidSettingException.class)
                    .hasMessageContaining("millrace.tls-client-auth");
        }
    }

    @Test
    void authenticationIsOffByDefault() {
        assertThat(read(Map.of())).isEqualTo(AuthenticationSettings.OFF);
        assertThat(read(Map.of("millrace.auth", "none")).isOn()).isFalse();
    }

    @Test
    void severalMethodsAreEnabledTogether() {
        assertThat(
                        read(
                                Map.of(
                                        "millrace.auth", "certificate, token,oidc,scram",
                                        "millrace.auth-tokens-file", "/t",
                                        "millrace.auth-certificate-principal", "san-dns",
                                        "millrace.oidc-issuer", "https://i.example/",
                                        "millrace.oidc-audience", "a, b")))
                .isEqualTo(
                        new AuthenticationSettings(
                                Set.of(AuthenticationMethod.values()),
                                Optional.of(CertificateName.SAN_DNS),
                                Optional.of(Path.of("/t")),
                                Optional.of(
                                        new OidcSettings(
                                                "https://i.example/",
                                                Set.of("a", "b"),
                                                Optional.empty(),
                                                "sub"))));
    }

    @Test
    void anIssuerMayHaveAnyNameIfItsKeysAreGiven() {
        AuthenticationSettings settings =
                read(
                        Map.of(
                                "millrace.auth", "oidc",
                                "millrace.oidc-issuer", "internal",
                                "millrace.oidc-audience", "a",
                                "millrace.oidc-jwks", "file:/keys"));
        assertThat(settings.oidc().orElseThrow().keys()).contains(URI.create("file:/keys"));
    }

    @ParameterizedTest
    @CsvSource({
        "millrace.auth, tokens, millrace.auth must be",
        "millrace.auth, 'token,', millrace.auth must be",
        "millrace.auth, 'none,token', millrace.auth must be",
        "millrace.auth, token, millrace.auth-tokens-file",
        "millrace.auth, oidc, millrace.oidc-issuer",
        "millrace.auth, scram, 'add certificate, token or oidc'",
    })
    void aWrongOrIncompleteMethodIsRefused(String key, String value, String named) {
        assertThatThrownBy(() -> read(Map.of(key, value)))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource({
        "http://issuer.example, , millrace.oidc-issuer",
        "file:/x, , millrace.oidc-issuer",
        "internal, , millrace.oidc-issuer",
        "https://issuer.example, http://keys.example/k, millrace.oidc-jwks",
        "https://issuer.example, ftp://keys.example/k, millrace.oidc-jwks",
        "https://issuer.example, 'https:', millrace.oidc-jwks",
    })
    void keysOverAPlainConnectionAreRefused(String issuer, @Nullable String keys, String named) {
        Map<String, String> values =
                Map.of(
                        "millrace.auth",
                        "oidc",
                        "millrace.oidc-issuer",
                        issuer,
                        "millrace.oidc-audience",
                        "a",
                        "millrace.oidc-jwks",
                        keys == null ? "" : keys);
        assertThatThrownBy(() -> read(values))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining(named);
    }
}
