package io.millrace.server.settings;

import io.millrace.runtime.tls.TlsFiles;
import io.millrace.security.tls.ClientCertificates;
import io.millrace.security.tls.TlsSettings;
import io.millrace.server.settings.ServerSettings.InvalidSettingException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A parser for the settings of TLS. */
final class TlsValues {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,252}");

    private final SettingReader reader;

    TlsValues(SettingReader reader) {
        this.reader = reader;
    }

    /** Returns the settings; empty without a certificate. */
    Optional<TlsSettings> read() {
        Optional<TlsFiles.CertificateFiles> own =
                reader.pair(Setting.TLS_CERTIFICATE, Setting.TLS_KEY)
                        .map(two ->
                                new TlsFiles.CertificateFiles(Path.of(two[0]), Path.of(two[1])));
        if (own.isEmpty()) {
            refuseWithoutCertificate(Setting.TLS_TRUST);
            refuseWithoutCertificate(Setting.TLS_CLIENT_AUTH);
            refuseWithoutCertificate(Setting.TLS_NODE_NAME);
            return Optional.empty();
        }
        Optional<Path> trust = reader.optional(Setting.TLS_TRUST, Path::of, "a file");
        ClientCertificates clients =
                reader.parsed(
                        Setting.TLS_CLIENT_AUTH, TlsValues::clients, "none, wanted or required");
        if (clients != ClientCertificates.NONE && trust.isEmpty()) {
            throw new InvalidSettingException(
                    "%s needs %s, the certificate authorities of the clients: set both."
                            .formatted(
                                    Setting.TLS_CLIENT_AUTH.key(),
                                    Setting.TLS_TRUST.displayName()));
        }
        return Optional.of(
                new TlsSettings(
                        new TlsFiles(own, trust),
                        clients,
                        reader.optional(Setting.TLS_NODE_NAME, TlsValues::name, "a host name")));
    }

    /** A forgotten certificate must not leave the port in plaintext. */
    private void refuseWithoutCertificate(Setting setting) {
        if (reader.configured(setting)
                .filter(text -> !text.equals(setting.defaultValue()))
                .isPresent()) {
            throw new InvalidSettingException(
                    "%s needs %s and %s: set them too, or none of them."
                            .formatted(
                                    setting.displayName(),
                                    Setting.TLS_CERTIFICATE.displayName(),
                                    Setting.TLS_KEY.displayName()));
        }
    }

    private static ClientCertificates clients(String text) {
        for (ClientCertificates each : ClientCertificates.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException(text);
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }
}
