package io.millrace.server.settings;

import io.millrace.metadata.membership.KafkaListener;
import io.millrace.security.authentication.methods.AuthenticationSettings;
import io.millrace.security.tls.TlsSettings;
import io.millrace.server.settings.ServerSettings.InvalidSettingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A parser for the settings of the Kafka listeners. The internal listener has the security of the
 * gRPC port, and the external one its own, which by default is the same.
 */
final class ListenerValues {

    private static final String OFF = "off";
    private static final int MAX_PORT = 65_535;

    private final SettingReader reader;
    private final Optional<TlsSettings> tls;
    private final AuthenticationSettings authentication;

    /**
     * @param tls the certificates of the gRPC port
     * @param authentication the methods of the gRPC port
     */
    ListenerValues(
            SettingReader reader,
            Optional<TlsSettings> tls,
            AuthenticationSettings authentication) {
        this.reader = reader;
        this.tls = tls;
        this.authentication = authentication;
    }

    /**
     * Returns the listeners; empty if Kafka clients are not served.
     *
     * @param usualPort the port of the internal listener if it is not configured, or off
     */
    List<ListenerSettings> read(String usualPort) {
        String internal = reader.configured(Setting.KAFKA_PORT).orElse(usualPort);
        String external = reader.text(Setting.KAFKA_EXTERNAL_PORT);
        List<ListenerSettings> listeners = new ArrayList<>();
        if (!internal.equals(OFF)) {
            listeners.add(
                    new ListenerSettings(
                            KafkaListener.INTERNAL,
                            port(Setting.KAFKA_PORT, internal),
                            address(Setting.KAFKA_ADVERTISE),
                            tls,
                            authentication));
        }
        if (!external.equals(OFF)) {
            if (listeners.isEmpty()) {
                throw new InvalidSettingException(
                        "%s needs %s, the listener for clients in the network of the cluster: set both."
                                .formatted(
                                        Setting.KAFKA_EXTERNAL_PORT.displayName(),
                                        Setting.KAFKA_PORT.displayName()));
            }
            listeners.add(external(port(Setting.KAFKA_EXTERNAL_PORT, external)));
        }
        return listeners;
    }

    private ListenerSettings external(int port) {
        Optional<TlsSettings> own = new TlsValues(reader).readExternal(tls);
        return new ListenerSettings(
                KafkaListener.EXTERNAL,
                port,
                address(Setting.KAFKA_EXTERNAL_ADVERTISE),
                own,
                new AuthenticationValues(reader).readExternal(own));
    }

    private Optional<LogLocation.Address> address(Setting setting) {
        return reader.optional(setting, ClusterValues::address, "HOST or HOST:PORT");
    }

    private int port(Setting setting, String text) {
        return reader.parse(
                setting, text, ListenerValues::port, "a whole number from 0 to 65535, or off");
    }

    private static int port(String text) {
        int port = Integer.parseInt(text);
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException(text);
        }
        return port;
    }
}
