package io.millrace.server.settings;

import io.millrace.kafka.cluster.ClientZone;
import io.millrace.kafka.group.GroupTimes;
import java.util.Optional;

/**
 * The settings of the Kafka port.
 *
 * @param port 0 for any free port
 * @param advertised the address that clients connect to; empty for the listen address
 * @param zones the zones of clients
 * @param createsTopics whether topics that clients name are created
 * @param groupTimes the times of consumer groups that clients do not decide
 */
public record KafkaSettings(
        int port,
        Optional<LogLocation.Address> advertised,
        ClientZone zones,
        boolean createsTopics,
        GroupTimes groupTimes) {}
