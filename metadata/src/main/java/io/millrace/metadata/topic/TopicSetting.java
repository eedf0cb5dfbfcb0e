package io.millrace.metadata.topic;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Everything that can be set for a topic, under the names that Kafka uses, and what each is for:
 * what the API and {@code docs/configuration.md} say of it. All can be changed while the topic is
 * in use.
 */
public enum TopicSetting {
    COMPRESSION_TYPE(
            "compression.type",
            "producer",
            "",
            Legal.oneOf("producer", "none", "zstd", "lz4", "gzip", "snappy"),
            "What stored batches are compressed with. producer keeps ready batches as they came, and"
                    + " packs records with zstd"),
    MAX_MESSAGE_BYTES(
            "max.message.bytes",
            "1048588",
            "bytes",
            Legal.number(64, TopicSettings.LARGEST_MESSAGE_BYTES),
            "Largest batch as it is sent"),
    CLEANUP_POLICY(
            "cleanup.policy",
            "delete",
            "",
            Legal.oneOf("delete", "compact", "compact,delete", "delete,compact"),
            "What becomes of old records. delete drops them by retention.ms and retention.bytes."
                    + " With compact every record needs a key"),
    MESSAGE_TIMESTAMP_TYPE(
            "message.timestamp.type",
            "CreateTime",
            "",
            Legal.oneOf("CreateTime", "LogAppendTime"),
            "CreateTime keeps the producer's times, LogAppendTime sets the node's"),
    MESSAGE_TIMESTAMP_AFTER_MAX_MS(
            "message.timestamp.after.max.ms",
            "3600000",
            "ms",
            Legal.number(0, Long.MAX_VALUE),
            "How far a record's time may lie ahead of the node's clock"),
    RETENTION_MS(
            "retention.ms",
            "604800000",
            "ms",
            Legal.number(-1, Long.MAX_VALUE),
            "How long records are kept; -1 for ever"),
    RETENTION_BYTES(
            "retention.bytes",
            "-1",
            "bytes",
            Legal.number(-1, Long.MAX_VALUE),
            "How much of a partition is kept; -1 for all"),
    MIN_CLEANABLE_DIRTY_RATIO(
            "min.cleanable.dirty.ratio",
            "0.5",
            "",
            new Legal.Share(),
            "How much of a compacted partition is new before old records of its keys go: less keeps"
                    + " fewer of them, and writes the partition anew more often"),
    MIN_COMPACTION_LAG_MS(
            "min.compaction.lag.ms",
            "0",
            "ms",
            Legal.number(0, Long.MAX_VALUE),
            "How long a record of a compacted topic stays at least, whatever comes after it"),
    DELETE_RETENTION_MS(
            "delete.retention.ms",
            "86400000",
            "ms",
            Legal.number(0, Long.MAX_VALUE),
            "How long a record without a value, which deletes a key of a compacted topic, stays when"
                    + " all that it deletes is gone: so long may a reader from the start take"),
    SEGMENT_COMPRESSION(
            "segment.compression",
            "off",
            "",
            new Legal.CodecAndLevel(),
            "What batches are compressed with anew when they leave their WAL block, if that makes"
                    + " them smaller; it costs the node that merges processor time. Levels of zstd above 19"
                    + " are taken for 19");

    private final String key;
    private final String fallback;
    private final String unit;
    private final Legal legal;
    private final String meaning;

    TopicSetting(String key, String fallback, String unit, Legal legal, String meaning) {
        this.key = key;
        this.fallback = fallback;
        this.unit = unit;
        this.legal = legal;
        this.meaning = meaning;
    }

    /** The one with this key. */
    public static Optional<TopicSetting> withKey(String key) {
        return Arrays.stream(values()).filter(one -> one.key.equals(key)).findFirst();
    }

    /** Under which it is given. */
    public String key() {
        return key;
    }

    /** The value of a topic for which it is not set. */
    public String fallback() {
        return fallback;
    }

    /** What a number counts; empty where it is none. */
    public String unit() {
        return unit;
    }

    /** What it may be. */
    public Legal legal() {
        return legal;
    }

    /** What it is for. */
    public String meaning() {
        return meaning;
    }

    /** The values that a setting may have. */
    public sealed interface Legal {

        /** What a {@link Share} may look like. */
        Pattern SHARE = Pattern.compile("0(\\.\\d{1,9})?|1(\\.0{1,9})?");

        /** One of these words. */
        record OneOf(List<String> words) implements Legal {
            public OneOf {
                words = List.copyOf(words);
            }
        }

        /** A number from {@code least} to {@code most}, both included. */
        record WholeNumber(long least, long most) implements Legal {}

        /** A number from 0 to 1, such as 0.5. */
        record Share() implements Legal {}

        /** A codec with or without a level, or none. */
        record CodecAndLevel() implements Legal {}

        private static Legal oneOf(String... words) {
            return new OneOf(List.of(words));
        }

        private static Legal number(long least, long most) {
            return new WholeNumber(least, most);
        }

        /** Whether it may be that. */
        default boolean allows(String value) {
            return switch (this) {
                case OneOf(List<String> words) -> words.contains(value);
                case Share() -> SHARE.matcher(value).matches();
                case CodecAndLevel() ->
                        value.equals(SegmentCompression.OFF)
                                || SegmentCompression.parse(value).isPresent();
                case WholeNumber(long least, long most) -> {
                    try {
                        long number = Long.parseLong(value);
                        yield number >= least && number <= most;
                    } catch (NumberFormatException notANumber) {
                        yield false;
                    }
                }
            };
        }

        /** The values, in words. */
        default String text() {
            return switch (this) {
                case OneOf(List<String> words) -> "one of " + String.join(", ", words);
                case Share() -> "a number from 0 to 1, such as 0.5";
                case CodecAndLevel() -> SegmentCompression.legal();
                case WholeNumber(long least, long most) when most == Long.MAX_VALUE ->
                        "a whole number from " + least;
                case WholeNumber(long least, long most) ->
                        "a whole number from " + least + " to " + most;
            };
        }
    }
}
