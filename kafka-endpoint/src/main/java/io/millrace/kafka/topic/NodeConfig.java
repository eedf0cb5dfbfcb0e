package io.millrace.kafka.topic;

import io.millrace.kafka.group.GroupTimes;
import io.millrace.metadata.topic.TopicSetting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The settings of a node under the names that Kafka's tools know. None can be changed by a request.
 *
 * @param zone empty if not configured
 * @param createsTopics whether a topic is created when a client names it
 * @param partitions of a topic that is created without a number
 */
public record NodeConfig(
        String zone, boolean createsTopics, int partitions, GroupTimes groupTimes) {

    /** Kafka's names of the defaults of topics, where they differ from those of topics. */
    private static final Map<TopicSetting, String> NAMES =
            Map.of(
                    TopicSetting.MAX_MESSAGE_BYTES, "message.max.bytes",
                    TopicSetting.CLEANUP_POLICY, "log.cleanup.policy",
                    TopicSetting.MESSAGE_TIMESTAMP_TYPE, "log.message.timestamp.type",
                    TopicSetting.MESSAGE_TIMESTAMP_AFTER_MAX_MS,
                            "log.message.timestamp.after.max.ms",
                    TopicSetting.RETENTION_MS, "log.retention.ms",
                    TopicSetting.RETENTION_BYTES, "log.retention.bytes",
                    TopicSetting.MIN_CLEANABLE_DIRTY_RATIO, "log.cleaner.min.cleanable.ratio",
                    TopicSetting.MIN_COMPACTION_LAG_MS, "log.cleaner.min.compaction.lag.ms",
                    TopicSetting.DELETE_RETENTION_MS, "log.cleaner.delete.retention.ms");

    /** Returns the name of the default of a topic setting. */
    static String nameOf(TopicSetting setting) {
        return NAMES.getOrDefault(setting, setting.key());
    }

    /** Returns all settings by key. */
    List<ConfigEntry> entries(int number) {
        TreeMap<String, ConfigEntry> entries = new TreeMap<>();
        for (TopicSetting setting : TopicSetting.values()) {
            if (setting.hasEffect()) {
                add(
                        entries,
                        nameOf(setting),
                        Optional.empty(),
                        setting.defaultValue(),
                        ConfigEntry.typeOf(setting),
                        "Default of the topic setting %s. %s"
                                .formatted(setting.key(), ConfigEntry.documentation(setting)));
            }
        }
        String id = Integer.toString(number);
        for (String key : List.of("node.id", "broker.id")) {
            add(
                    entries,
                    key,
                    Optional.of(id),
                    "-1",
                    ConfigEntry.Type.INT,
                    "Number of the node, allocated by the cluster.");
        }
        add(
                entries,
                "broker.rack",
                Optional.of(zone).filter(set -> !set.isEmpty()),
                "",
                ConfigEntry.Type.STRING,
                "Availability zone of the node (millrace.zone).");
        add(
                entries,
                "auto.create.topics.enable",
                Optional.of(Boolean.toString(createsTopics)),
                "false",
                ConfigEntry.Type.BOOLEAN,
                "Whether a topic is created when a client names it.");
        add(
                entries,
                "num.partitions",
                Optional.of(Integer.toString(partitions)),
                "1",
                ConfigEntry.Type.INT,
                "Number of partitions of a topic that is created without one.");
        add(
                entries,
                "default.replication.factor",
                Optional.empty(),
                "1",
                ConfigEntry.Type.INT,
                "Without effect. The bucket replicates.");
        add(
                entries,
                "min.insync.replicas",
                Optional.empty(),
                "1",
                ConfigEntry.Type.INT,
                "Without effect. The bucket replicates.");
        add(
                entries,
                "delete.topic.enable",
                Optional.empty(),
                "true",
                ConfigEntry.Type.BOOLEAN,
                "Whether topics can be deleted.");
        addGroupTimes(entries);
        return List.copyOf(entries.values());
    }

    private void addGroupTimes(Map<String, ConfigEntry> entries) {
        addMillis(
                entries,
                "group.initial.rebalance.delay.ms",
                groupTimes.initialDelay(),
                GroupTimes.DEFAULT.initialDelay(),
                "Time for which the first rebalance of a classic group waits for members (millrace.kafka-rebalance-delay-ms).");
        addMillis(
                entries,
                "group.consumer.session.timeout.ms",
                groupTimes.sessionTimeout(),
                GroupTimes.DEFAULT.sessionTimeout(),
                "Time without a heartbeat after which a member is removed (millrace.kafka-session-timeout-ms).");
        addMillis(
                entries,
                "group.consumer.heartbeat.interval.ms",
                groupTimes.heartbeatInterval(),
                GroupTimes.DEFAULT.heartbeatInterval(),
                "Interval of the heartbeats of members (millrace.kafka-heartbeat-interval-ms).");
    }

    private static void addMillis(
            Map<String, ConfigEntry> entries,
            String key,
            Duration value,
            Duration usual,
            String documentation) {
        add(
                entries,
                key,
                Optional.of(value)
                        .filter(own -> !own.equals(usual))
                        .map(own -> Long.toString(own.toMillis())),
                Long.toString(usual.toMillis()),
                ConfigEntry.Type.INT,
                documentation);
    }

    private static void add(
            Map<String, ConfigEntry> entries,
            String key,
            Optional<String> own,
            String defaultValue,
            ConfigEntry.Type type,
            String documentation) {
        entries.put(
                key,
                new ConfigEntry(
                        key,
                        own,
                        defaultValue,
                        ConfigEntry.Source.NODE,
                        true,
                        type,
                        documentation));
    }
}
