package io.millrace.server.settings;

import io.millrace.runtime.tls.TlsFiles;
import io.millrace.security.tls.ClientCertificates;
import io.millrace.security.tls.TlsSettings;
import io.millrace.server.settings.ServerSettings.InvalidSettingException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A parser for the settings of TLS. */
final class TlsValues {

    /** The certificate of a listener in plaintext beside a gRPC port with TLS. */
    private static final String PLAINTEXT = "none";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,252}");

    private final SettingReader reader;

    TlsValues(SettingReader reader) {
        this.reader = reader;
    }

    /** Returns the settings of the gRPC port; empty without a certificate. */
    Optional<TlsSettings> read() {
        Optional<TlsFiles.CertificateFiles> own =
                certificate(Setting.TLS_CERTIFICATE, Setting.TLS_KEY);
        if (own.isEmpty()) {
            for (Setting setting :
                    List.of(Setting.TLS_TRUST, Setting.TLS_CLIENT_AUTH, Setting.TLS_NODE_NAME)) {
                refuse(setting, Setting.TLS_CERTIFICATE, Setting.TLS_KEY);
            }
            return Optional.empty();
        }
        Optional<Path> trust = reader.optional(Setting.TLS_TRUST, Path::of, "a file");
        ClientCertificates clients =
                requireTrust(
                        clients(Setting.TLS_CLIENT_AUTH).orElse(ClientCertificates.NONE),
                        trust,
                        Setting.TLS_CLIENT_AUTH,
                        Setting.TLS_TRUST);
        return Optional.of(
                new TlsSettings(
                        new TlsFiles(own, trust),
                        clients,
                        reader.optional(Setting.TLS_NODE_NAME, TlsValues::name, "a host name")));
    }

    /**
     * Returns the settings of the external Kafka listener; empty for plaintext.
     *
     * @param grpc the settings of the gRPC port, which are those of the listener where it has none
     */
    Optional<TlsSettings> readExternal(Optional<TlsSettings> grpc) {
        boolean plaintext =
                reader.configured(Setting.KAFKA_EXTERNAL_TLS_CERTIFICATE)
                                .equals(Optional.of(PLAINTEXT))
                        && reader.configured(Setting.KAFKA_EXTERNAL_TLS_KEY).isEmpty();
        Optional<TlsFiles.CertificateFiles> own =
                plaintext
                        ? Optional.empty()
                        : certificate(
                                        Setting.KAFKA_EXTERNAL_TLS_CERTIFICATE,
                                        Setting.KAFKA_EXTERNAL_TLS_KEY)
                                .or(() -> grpc.flatMap(given -> given.files().own()));
        if (own.isEmpty()) {
            for (Setting setting :
                    List.of(
                            Setting.KAFKA_EXTERNAL_TLS_TRUST,
                            Setting.KAFKA_EXTERNAL_TLS_CLIENT_AUTH)) {
                refuse(
                        setting,
                        Setting.KAFKA_EXTERNAL_TLS_CERTIFICATE,
                        Setting.KAFKA_EXTERNAL_TLS_KEY);
            }
            return Optional.empty();
        }
        Optional<Path> trust =
                reader.optional(Setting.KAFKA_EXTERNAL_TLS_TRUST, Path::of, "a file")
                        .or(() -> grpc.flatMap(given -> given.files().trust()));
        ClientCertificates clients =
                requireTrust(
                        clients(Setting.KAFKA_EXTERNAL_TLS_CLIENT_AUTH)
                                .or(() -> grpc.map(TlsSettings::clients))
                                .orElse(ClientCertificates.NONE),
                        trust,
                        Setting.KAFKA_EXTERNAL_TLS_CLIENT_AUTH,
                        Setting.KAFKA_EXTERNAL_TLS_TRUST);
        return Optional.of(
                new TlsSettings(
                        new TlsFiles(own, trust), clients, grpc.flatMap(TlsSettings::nodeName)));
    }

    private Optional<TlsFiles.CertificateFiles> certificate(Setting certificate, Setting key) {
        return reader.pair(certificate, key)
                .map(two -> new TlsFiles.CertificateFiles(Path.of(two[0]), Path.of(two[1])));
    }

    private static ClientCertificates requireTrust(
            ClientCertificates clients, Optional<Path> trust, Setting clientAuth, Setting trusted) {
        if (clients != ClientCertificates.NONE && trust.isEmpty()) {
            throw new InvalidSettingException(
                    "%s needs %s, the certificate authorities of the clients: set both."
                            .formatted(clientAuth.key(), trusted.displayName()));
        }
        return clients;
    }

    /** A forgotten certificate must not leave the port in plaintext. */
    private void refuse(Setting setting, Setting certificate, Setting key) {
        if (reader.configured(setting)
                .filter(text -> !text.equals(setting.defaultValue()))
                .isPresent()) {
            throw new InvalidSettingException(
                    "%s needs %s and %s: set them too, or none of them."
                            .formatted(
                                    setting.displayName(),
                                    certificate.displayName(),
                                    key.displayName()));
        }
    }

    private Optional<ClientCertificates> clients(Setting setting) {
        return reader.optional(setting, TlsValues::clients, "none, wanted or required");
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
