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
                    + " as 19");

    private final String key;
    private final String defaultValue;
    private final String unit;
    private final LegalValues legalValues;
    private final String description;

    TopicSetting(String key, String fallback, String unit, LegalValues legal, String meaning) {
        this.key = key;
        this.defaultValue = fallback;
        this.unit = unit;
        this.legalValues = legal;
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

    /** The legal values of a setting. */
    public sealed interface LegalValues {

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

        /** A codec with or without a level, or none. */
        record CodecAndLevel() implements LegalValues {}

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
                case OneOf(List<String> words) -> "one of " + String.join(", ", words);
                case Fraction() -> "a number from 0 to 1, such as 0.5";
                case CodecAndLevel() -> SegmentCompression.legalValues();
                case WholeNumber(long min, long max) when max == Long.MAX_VALUE ->
                        "a whole number from " + min;
                case WholeNumber(long min, long max) -> "a whole number from " + min + " to " + max;
            };
        }
    }
}
