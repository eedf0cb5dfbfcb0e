package io.millrace.server.settings;

import io.millrace.kafka.cluster.ClientZone;
import io.millrace.kafka.cluster.ClientZone.AddressRange;
import io.millrace.kafka.group.GroupTimes;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.membership.Role;
import io.millrace.server.settings.ServerSettings.InvalidSettingException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A parser for the settings for Kafka clients. */
final class KafkaValues {

    /** The port of Kafka's brokers. */
    private static final String USUAL_PORT = "9092";

    private static final String OFF = "off";
    private static final Pattern RANGE =
            Pattern.compile("([0-9a-fA-F.:]+)/([0-9]{1,3})=([A-Za-z0-9._-]{1,63})");

    private final SettingReader reader;

    KafkaValues(SettingReader reader) {
        this.reader = reader;
    }

    /**
     * Returns the settings; empty if the port is off.
     *
     * @param log a folder, where the port is open by default and topics are created, or a cluster
     */
    Optional<KafkaSettings> read(LogLocation log, ListenerValues values) {
        boolean single = log instanceof LogLocation.Folder;
        List<ListenerSettings> listeners = values.read(single ? USUAL_PORT : OFF);
        ClientZone zones =
                new ClientZone(
                        reader.optional(
                                        Setting.KAFKA_ZONES,
                                        KafkaValues::ranges,
                                        "address ranges such as 10.1.0.0/16=a, separated by commas")
                                .orElse(List.of()));
        boolean createsTopics =
                reader.optional(Setting.KAFKA_CREATE_TOPICS, KafkaValues::isTrue, "true or false")
                        .orElse(single);
        int partitions = reader.number(Setting.KAFKA_PARTITIONS, 1, TopicAdmin.MAX_PARTITIONS);
        GroupTimes groupTimes = groupTimes(single);
        if (listeners.isEmpty()) {
            return Optional.empty();
        }
        if (log instanceof LogLocation.Cluster cluster
                && !cluster.roles().containsAll(Set.of(Role.INGEST, Role.FETCH))) {
            throw new InvalidSettingException(
                    "%s needs a node with the roles ingest and fetch: add the roles, or leave out the port."
                            .formatted(Setting.KAFKA_PORT.displayName()));
        }
        return Optional.of(
                new KafkaSettings(listeners, zones, createsTopics, partitions, groupTimes));
    }

    /**
     * @param single whether the server is one for development, where a first consumer need not wait
     *     for others
     */
    private GroupTimes groupTimes(boolean single) {
        Duration initialDelay =
                reader.configured(Setting.KAFKA_REBALANCE_DELAY_MS).isEmpty()
                        ? single ? Duration.ZERO : GroupTimes.DEFAULT.initialDelay()
                        : Duration.ofMillis(
                                reader.number(Setting.KAFKA_REBALANCE_DELAY_MS, 0, 300_000));
        int sessionMs = reader.number(Setting.KAFKA_SESSION_TIMEOUT_MS, 1_000, 1_800_000);
        int heartbeatMs = reader.number(Setting.KAFKA_HEARTBEAT_INTERVAL_MS, 100, 600_000);
        if (heartbeatMs >= sessionMs) {
            throw new InvalidSettingException(
                    "%s must be less than %s, because a member is removed after a session timeout without a heartbeat: a third or less is usual."
                            .formatted(
                                    Setting.KAFKA_HEARTBEAT_INTERVAL_MS.displayName(),
                                    Setting.KAFKA_SESSION_TIMEOUT_MS.displayName()));
        }
        return new GroupTimes(
                initialDelay, Duration.ofMillis(sessionMs), Duration.ofMillis(heartbeatMs));
    }

    private static boolean isTrue(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static List<AddressRange> ranges(String text) {
        return Stream.of(text.split(",")).map(String::strip).map(KafkaValues::range).toList();
    }

    private static AddressRange range(String text) {
        Matcher matcher = RANGE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        return new AddressRange(
                InetAddress.ofLiteral(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                matcher.group(3));
    }
}
