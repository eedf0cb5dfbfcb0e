package io.millrace.server.settings;

import io.millrace.metadata.membership.KafkaListener;
import io.millrace.security.authentication.methods.AuthenticationSettings;
import io.millrace.security.tls.TlsSettings;
import java.util.Optional;

/**
 * The settings of one Kafka listener.
 *
 * @param port 0 for any free port
 * @param advertised the address that clients connect to; empty for the listen address
 * @param tls the certificates; empty for plaintext
 * @param authentication the methods by which clients of the listener authenticate
 */
public record ListenerSettings(
        KafkaListener listener,
        int port,
        Optional<LogLocation.Address> advertised,
        Optional<TlsSettings> tls,
        AuthenticationSettings authentication) {

    /** Returns the setting of the port. */
    public Setting portSetting() {
        return switch (listener) {
            case INTERNAL -> Setting.KAFKA_PORT;
            case EXTERNAL -> Setting.KAFKA_EXTERNAL_PORT;
        };
    }
}
