package io.millrace.server.settings;

import io.millrace.kafka.cluster.ClientZone;
import java.util.Optional;

/**
 * The settings of the Kafka port.
 *
 * @param port 0 for any free port
 * @param advertised the address that clients connect to; empty for the listen address
 * @param zones the zones of clients
 * @param createsTopics whether topics that clients name are created
 */
public record KafkaSettings(
        int port,
        Optional<LogLocation.Address> advertised,
        ClientZone zones,
        boolean createsTopics) {}
