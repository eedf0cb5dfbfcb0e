package io.millrace.cli.terminal;

import io.millrace.client.tls.ClientTls;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of encrypted connections. Each is also a variable and a key of the config file. */
final class TlsOptions {

    @Option(
            names = "--tls",
            description =
                    "Connect with TLS. Implied by the other options of TLS. The servers'"
                            + " certificates must be issued by an authority that Java trusts,"
                            + " unless --tls-trust is given.")
    boolean tls;

    @Option(
            names = "--tls-trust",
            paramLabel = "FILE",
            description =
                    "Certificate authorities of the servers, PEM (default:"
                            + " $MILLRACE_CLIENT_TLS_TRUST, else those of Java).")
    @Nullable String trust;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description =
                    "Certificate of this client, PEM (default: $MILLRACE_CLIENT_TLS_CERTIFICATE,"
                            + " else none).")
    @Nullable String certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description =
                    "Key of the certificate, PEM, not encrypted (default:"
                            + " $MILLRACE_CLIENT_TLS_KEY).")
    @Nullable String key;

    @Option(
            names = "--tls-server-name",
            paramLabel = "NAME",
            description =
                    "Name that the certificates of the servers have, where it is not the host of"
                            + " their addresses (default: $MILLRACE_CLIENT_TLS_SERVER_NAME).")
    @Nullable String serverName;

    /**
     * Returns the settings; empty for plaintext.
     *
     * @throws IllegalArgumentException if options contradict each other
     */
    Optional<ClientTls> read(ClientConfig config) {
        Optional<Path> authorities = config.path(ClientConfig.TLS_TRUST, trust);
        Optional<Path> own = config.path(ClientConfig.TLS_CERTIFICATE, certificate);
        Optional<Path> secret = config.path(ClientConfig.TLS_KEY, key);
        Optional<String> name = config.value(ClientConfig.TLS_SERVER_NAME, serverName);
        if (own.isPresent() != secret.isPresent()) {
            throw new IllegalArgumentException(
                    "--tls-certificate and --tls-key belong together: give both or neither");
        }
        boolean wanted =
                authorities.isPresent() || own.isPresent() || name.isPresent() || isOn(config);
        if (!wanted) {
            return Optional.empty();
        }
        ClientTls settings =
                authorities.map(ClientTls::trusting).orElseGet(ClientTls::ofJvmAuthorities);
        if (own.isPresent()) {
            settings = settings.withCertificate(own.get(), secret.orElseThrow());
        }
        return Optional.of(name.map(settings::withServerName).orElse(settings));
    }

    private boolean isOn(ClientConfig config) {
        return tls
                || config.value(ClientConfig.TLS, null)
                        .map(text ->
                                switch (text) {
                                    case "true" -> true;
                                    case "false" -> false;
                                    default ->
                                            throw new IllegalArgumentException(
                                                    "tls must be true or false, not " + text);
                                })
                        .orElse(false);
    }
}
