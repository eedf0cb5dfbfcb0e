package io.millrace.metadata.topic;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The settings of a topic, under Kafka's names, with descriptions for the API and {@code
 * docs/configuration.md}. All can be changed while the topic is in use.
 */
public enum TopicSetting {
    COMPRESSION_TYPE(
            "compression.type",
            "producer",
            "",
            LegalValues.oneOf("producer", "none", "zstd", "lz4", "gzip", "snappy"),
            "Compression of stored batches. producer keeps ready batches unchanged and packs"
                    + " records with zstd"),
    MAX_MESSAGE_BYTES(
            "max.message.bytes",
            "1048588",
            "bytes",
            LegalValues.number(64, TopicSettings.MAX_MESSAGE_BYTES_LIMIT),
            "Maximum size of a batch as sent"),
    CLEANUP_POLICY(
            "cleanup.policy",
            "delete",
            "",
            LegalValues.oneOf("delete", "compact", "compact,delete", "delete,compact"),
            "Removal of old records. delete removes them by retention.ms and retention.bytes;"
                    + " compact keeps the newest record of every key and requires a key in every"
                    + " record"),
    MESSAGE_TIMESTAMP_TYPE(
            "message.timestamp.type",
            "CreateTime",
            "",
            LegalValues.oneOf("CreateTime", "LogAppendTime"),
            "CreateTime keeps the timestamps of the producer, LogAppendTime sets those of the"
                    + " node"),
    MESSAGE_TIMESTAMP_AFTER_MAX_MS(
            "message.timestamp.after.max.ms",
            "3600000",
            "ms",
            LegalValues.number(0, Long.MAX_VALUE),
            "Maximum time by which a record's timestamp may be ahead of the node's clock"),
    RETENTION_MS(
            "retention.ms",
            "604800000",
            "ms",
            LegalValues.number(-1, Long.MAX_VALUE),
            "Retention time of records; -1 for unlimited"),
    RETENTION_BYTES(
            "retention.bytes",
            "-1",
            "bytes",
            LegalValues.number(-1, Long.MAX_VALUE),
            "Retained size of each partition; -1 for unlimited"),
    MIN_CLEANABLE_DIRTY_RATIO(
            "min.cleanable.dirty.ratio",
            "0.5",
            "",
            new LegalValues.Fraction(),
            "Uncompacted fraction of a partition that starts key compaction. Less keeps fewer old"
                    + " records and rewrites the partition more often"),
    MIN_COMPACTION_LAG_MS(
            "min.compaction.lag.ms",
            "0",
            "ms",
            LegalValues.number(0, Long.MAX_VALUE),
            "Minimum age at which a record of a compacted topic can be removed"),
    DELETE_RETENTION_MS(
            "delete.retention.ms",
            "86400000",
            "ms",
            LegalValues.number(0, Long.MAX_VALUE),
            "Time for which a tombstone stays after the records that it deletes are removed, and"
                    + " within which a reader must read from start to end"),
    SEGMENT_COMPRESSION(
            "segment.compression",
            "off",
            "",
            new LegalValues.CodecAndLevel(),
            "Compression of batches when a merge moves them out of their WAL block, if it makes"
                    + " them smaller. Costs CPU on the merging node. Levels of zstd above 19 count"
                    + " as 19"),
    SEGMENT_BYTES(
            "segment.bytes",
            "1073741824",
            "bytes",
            LegalValues.number(1 << 20, Integer.MAX_VALUE),
            Effect.NONE,
            "Size of a segment file in Kafka. Objects in the bucket are divided by load"),
    SEGMENT_MS(
            "segment.ms",
            "604800000",
            "ms",
            LegalValues.number(1, Long.MAX_VALUE),
            Effect.NONE,
            "Maximum age of an open segment file in Kafka"),
    SEGMENT_JITTER_MS(
            "segment.jitter.ms",
            "0",
            "ms",
            LegalValues.number(0, Long.MAX_VALUE),
            Effect.NONE,
            "Random part of segment.ms in Kafka"),
    SEGMENT_INDEX_BYTES(
            "segment.index.bytes",
            "10485760",
            "bytes",
            LegalValues.number(4, Integer.MAX_VALUE),
            Effect.NONE,
            "Size of an index file in Kafka. Offsets are looked up in the metadata"),
    INDEX_INTERVAL_BYTES(
            "index.interval.bytes",
            "4096",
            "bytes",
            LegalValues.number(0, Integer.MAX_VALUE),
            Effect.NONE,
            "Bytes between entries of an index file in Kafka"),
    FLUSH_MESSAGES(
            "flush.messages",
            "9223372036854775807",
            "",
            LegalValues.number(1, Long.MAX_VALUE),
            Effect.NONE,
            "Records after which Kafka forces a log to its disk. A record is in the"
                    + " bucket before it is acknowledged"),
    FLUSH_MS(
            "flush.ms",
            "9223372036854775807",
            "ms",
            LegalValues.number(0, Long.MAX_VALUE),
            Effect.NONE,
            "Time after which Kafka forces a log to its disk"),
    FILE_DELETE_DELAY_MS(
            "file.delete.delay.ms",
            "60000",
            "ms",
            LegalValues.number(0, Long.MAX_VALUE),
            Effect.NONE,
            "Time before Kafka deletes a file. millrace.delete-grace-s is the time for"
                    + " objects"),
    PREALLOCATE(
            "preallocate",
            "false",
            "",
            LegalValues.bool(),
            Effect.NONE,
            "Whether Kafka allocates a segment file at once"),
    MIN_INSYNC_REPLICAS(
            "min.insync.replicas",
            "1",
            "",
            LegalValues.number(1, Integer.MAX_VALUE),
            Effect.NONE,
            "Replicas in Kafka that must store a record. The bucket replicates"),
    UNCLEAN_LEADER_ELECTION_ENABLE(
            "unclean.leader.election.enable",
            "false",
            "",
            LegalValues.bool(),
            Effect.NONE,
            "Whether a replica in Kafka that lacks records may lead. No node holds"
                    + " records of its own"),
    COMPRESSION_GZIP_LEVEL(
            "compression.gzip.level",
            "-1",
            "",
            LegalValues.number(-1, 9),
            Effect.NONE,
            "Level of compression by the node with gzip in Kafka. Nodes use the default"
                    + " levels"),
    COMPRESSION_LZ4_LEVEL(
            "compression.lz4.level",
            "9",
            "",
            LegalValues.number(1, 17),
            Effect.NONE,
            "Level of compression by the node with lz4 in Kafka"),
    COMPRESSION_ZSTD_LEVEL(
            "compression.zstd.level",
            "3",
            "",
            LegalValues.number(-131_072, 22),
            Effect.NONE,
            "Level of compression by the node with zstd in Kafka"),
    MESSAGE_TIMESTAMP_BEFORE_MAX_MS(
            "message.timestamp.before.max.ms",
            "9223372036854775807",
            "ms",
            LegalValues.oneOf("9223372036854775807"),
            Effect.NONE,
            "Maximum age of a record's timestamp in Kafka. Any age is accepted"),
    MAX_COMPACTION_LAG_MS(
            "max.compaction.lag.ms",
            "9223372036854775807",
            "ms",
            LegalValues.oneOf("9223372036854775807"),
            Effect.NONE,
            "Time after which Kafka compacts a record. min.cleanable.dirty.ratio alone"
                    + " starts key compaction"),
    MESSAGE_FORMAT_VERSION(
            "message.format.version",
            "3.0-IV1",
            "",
            new LegalValues.KafkaVersion(),
            Effect.NONE,
            "Format of batches in Kafka before version 4. Batches have format 2"),
    MESSAGE_DOWNCONVERSION_ENABLE(
            "message.downconversion.enable",
            "false",
            "",
            LegalValues.bool(),
            Effect.NONE,
            "Whether Kafka before version 4 converts batches for old consumers. No batch"
                    + " is converted"),
    REMOTE_STORAGE_ENABLE(
            "remote.storage.enable",
            "false",
            "",
            LegalValues.oneOf("false"),
            Effect.NONE,
            "Whether Kafka moves segments to remote storage. All records are in the bucket"),
    REMOTE_LOG_COPY_DISABLE(
            "remote.log.copy.disable",
            "false",
            "",
            LegalValues.bool(),
            Effect.NONE,
            "Whether Kafka stops the moves to remote storage"),
    REMOTE_LOG_DELETE_ON_DISABLE(
            "remote.log.delete.on.disable",
            "false",
            "",
            LegalValues.bool(),
            Effect.NONE,
            "Whether Kafka deletes remote records with remote.storage.enable"),
    LOCAL_RETENTION_MS(
            "local.retention.ms",
            "-2",
            "ms",
            LegalValues.number(-2, Long.MAX_VALUE),
            Effect.NONE,
            "Retention time on the disks of Kafka with remote storage"),
    LOCAL_RETENTION_BYTES(
            "local.retention.bytes",
            "-2",
            "bytes",
            LegalValues.number(-2, Long.MAX_VALUE),
            Effect.NONE,
            "Retained size on the disks of Kafka with remote storage"),
    REMOTE_COPY_LAG_MS(
            "remote.copy.lag.ms",
            "0",
            "ms",
            LegalValues.number(-1, Long.MAX_VALUE),
            Effect.NONE,
            "Age at which Kafka copies a segment to remote storage"),
    REMOTE_COPY_LAG_BYTES(
            "remote.copy.lag.bytes",
            "-1",
            "bytes",
            LegalValues.number(-1, Long.MAX_VALUE),
            Effect.NONE,
            "Bytes after a segment from which Kafka copies it to remote storage"),
    MAX_DECOMPRESSED_MESSAGE_BYTES(
            "max.decompressed.message.bytes",
            "2147483639",
            "bytes",
            LegalValues.oneOf("2147483639"),
            Effect.NONE,
            "Maximum size of a decompressed record in Kafka. max.message.bytes limits batches"),
    ERRORS_DEADLETTERQUEUE_GROUP_ENABLE(
            "errors.deadletterqueue.group.enable",
            "false",
            "",
            LegalValues.oneOf("false"),
            Effect.NONE,
            "Whether share groups in Kafka may write records to the topic. There are no share"
                    + " groups");

    private final String key;
    private final String defaultValue;
    private final String unit;
    private final LegalValues legalValues;
    private final Effect effect;
    private final String description;

    TopicSetting(String key, String fallback, String unit, LegalValues legal, String meaning) {
        this(key, fallback, unit, legal, Effect.FULL, meaning);
    }

    TopicSetting(
            String key,
            String fallback,
            String unit,
            LegalValues legal,
            Effect effect,
            String meaning) {
        this.key = key;
        this.defaultValue = fallback;
        this.unit = unit;
        this.legalValues = legal;
        this.effect = effect;
        this.description = meaning;
    }

    public static Optional<TopicSetting> withKey(String key) {
        return Arrays.stream(values()).filter(setting -> setting.key.equals(key)).findFirst();
    }

    public String key() {
        return key;
    }

    public String defaultValue() {
        return defaultValue;
    }

    /** Returns the unit of a number; empty for other types. */
    public String unit() {
        return unit;
    }

    public LegalValues legalValues() {
        return legalValues;
    }

    public String description() {
        return description;
    }

    /**
     * Returns whether the setting has an effect. Settings without one are settings of Kafka, which
     * are kept for clients that give them. What would have a visible effect in Kafka can only have
     * the value that asks for none.
     */
    public boolean hasEffect() {
        return effect == Effect.FULL;
    }

    private enum Effect {
        FULL,
        NONE
    }

    /** The legal values of a setting. */
    public sealed interface LegalValues {

        Pattern VERSION = Pattern.compile("\\d{1,2}(\\.\\d{1,2}){1,3}(-IV\\d{1,2})?");

        Pattern FRACTION = Pattern.compile("0(\\.\\d{1,9})?|1(\\.0{1,9})?");

        /** A word from a list. */
        record OneOf(List<String> words) implements LegalValues {
            public OneOf {
                words = List.copyOf(words);
            }
        }

        /**
         * A whole number from {@code min} to {@code max}, both included. Has one legal text, so
         * that the length of a stored value is limited.
         */
        record WholeNumber(long min, long max) implements LegalValues {}

        /** A number from 0 to 1. */
        record Fraction() implements LegalValues {}

        /** A version of Kafka. */
        record KafkaVersion() implements LegalValues {}

        /** A codec with or without a level, or none. */
        record CodecAndLevel() implements LegalValues {}

        private static LegalValues bool() {
            return oneOf("false", "true");
        }

        private static LegalValues oneOf(String... words) {
            return new OneOf(List.of(words));
        }

        private static LegalValues number(long min, long max) {
            return new WholeNumber(min, max);
        }

        default boolean allows(String value) {
            return switch (this) {
                case OneOf(List<String> words) -> words.contains(value);
                case Fraction() -> FRACTION.matcher(value).matches();
                case KafkaVersion() -> VERSION.matcher(value).matches();
                case CodecAndLevel() ->
                        value.equals(SegmentCompression.OFF)
                                || SegmentCompression.parse(value).isPresent();
                case WholeNumber(long min, long max) -> {
                    try {
                        long number = Long.parseLong(value);
                        yield number >= min && number <= max && value.equals(Long.toString(number));
                    } catch (NumberFormatException notANumber) {
                        yield false;
                    }
                }
            };
        }

        default String text() {
            return switch (this) {
                case OneOf(List<String> words) when words.size() == 1 -> words.getFirst();
                case OneOf(List<String> words) -> "one of " + String.join(", ", words);
                case Fraction() -> "a number from 0 to 1, such as 0.5";
                case KafkaVersion() -> "a version of Kafka, such as 3.0-IV1";
                case CodecAndLevel() -> SegmentCompression.legalValues();
                case WholeNumber(long min, long max) when max == Long.MAX_VALUE ->
                        "a whole number from " + min;
                case WholeNumber(long min, long max) -> "a whole number from " + min + " to " + max;
            };
        }
    }
}
