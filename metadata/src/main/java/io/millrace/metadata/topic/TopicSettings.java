package io.millrace.metadata.topic;

import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The settings of a topic, under the names that Kafka uses.
 *
 * @param given those that were set, by key; the others have their defaults
 * @param compression {@code compression.type}: what stored batches are compressed with
 * @param maxMessageBytes {@code max.message.bytes}: largest batch, in bytes, as it is sent
 * @param compacted {@code cleanup.policy} contains {@code compact}: every record needs a key
 * @param logAppendTime {@code message.timestamp.type} is {@code LogAppendTime}: the node's time
 *     replaces the producer's
 * @param timestampAheadMaxMs {@code message.timestamp.after.max.ms}: how far a record's time may
 *     lie ahead of the node's clock, in milliseconds
 * @param retentionMs {@code retention.ms}: how long records are kept; -1 for ever
 * @param retentionBytes {@code retention.bytes}: how much of a partition is kept; -1 all
 * @param minCleanableDirtyRatio {@code min.cleanable.dirty.ratio}: how much of a compacted
 *     partition is new before old records of its keys go, from 0 to 1
 * @param minCompactionLagMs {@code min.compaction.lag.ms}: how long a record stays at least
 * @param deleteRetentionMs {@code delete.retention.ms}: how long a record without a value stays
 *     when all that it deletes is gone
 * @param segmentCompression {@code segment.compression}: what batches are compressed with when they
 *     come into a segment; empty to leave them as they are
 */
public record TopicSettings(
        Map<String, String> given,
        Compression compression,
        int maxMessageBytes,
        boolean compacted,
        boolean logAppendTime,
        long timestampAheadMaxMs,
        long retentionMs,
        long retentionBytes,
        double minCleanableDirtyRatio,
        long minCompactionLagMs,
        long deleteRetentionMs,
        Optional<SegmentCompression> segmentCompression) {

    /** Those of a topic for which none were given. */
    public static final TopicSettings DEFAULTS = parse(Map.of());

    /** Upper bound of {@code max.message.bytes}: 16 MiB less what a request has around a batch. */
    public static final int LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024 - 1024;

    /** What {@code compression.type} may be. */
    public enum Compression {
        /** Batches stay as the producer made them; records packed by the node get zstd. */
        PRODUCER(Optional.empty()),
        NONE(CompressionCodec.NONE),
        ZSTD(CompressionCodec.ZSTD),
        LZ4(CompressionCodec.LZ4),
        GZIP(CompressionCodec.GZIP),
        SNAPPY(CompressionCodec.SNAPPY);

        private final Optional<CompressionCodec> codec;

        Compression(CompressionCodec codec) {
            this(Optional.of(codec));
        }

        Compression(Optional<CompressionCodec> codec) {
            this.codec = codec;
        }

        /** The codec of stored batches; empty if the producer chooses it. */
        public Optional<CompressionCodec> codec() {
            return codec;
        }
    }

    public TopicSettings {
        given = Map.copyOf(given);
    }

    /**
     * Reads settings as a client gives them.
     *
     * @throws ProblemException with INVALID_CONFIG, naming the key, what is wrong and what is right
     */
    public static TopicSettings parse(Map<String, String> given) {
        new TreeMap<>(given).forEach(TopicSettings::check);
        return new TopicSettings(
                given,
                Compression.valueOf(
                        value(given, TopicSetting.COMPRESSION_TYPE).toUpperCase(Locale.ROOT)),
                (int) number(given, TopicSetting.MAX_MESSAGE_BYTES),
                value(given, TopicSetting.CLEANUP_POLICY).contains("compact"),
                value(given, TopicSetting.MESSAGE_TIMESTAMP_TYPE).equals("LogAppendTime"),
                number(given, TopicSetting.MESSAGE_TIMESTAMP_AFTER_MAX_MS),
                number(given, TopicSetting.RETENTION_MS),
                number(given, TopicSetting.RETENTION_BYTES),
                Double.parseDouble(value(given, TopicSetting.MIN_CLEANABLE_DIRTY_RATIO)),
                number(given, TopicSetting.MIN_COMPACTION_LAG_MS),
                number(given, TopicSetting.DELETE_RETENTION_MS),
                SegmentCompression.parse(value(given, TopicSetting.SEGMENT_COMPRESSION)));
    }

    /**
     * These settings with a change.
     *
     * @param set values by key, in place of what they were
     * @param reset keys that are to have their defaults again, given or not
     * @throws ProblemException with INVALID_CONFIG, naming the key, what is wrong and what is right
     */
    public TopicSettings with(Map<String, String> set, Set<String> reset) {
        Map<String, String> changed = new TreeMap<>(given);
        for (String key : new TreeSet<>(reset)) {
            setting(key);
            if (set.containsKey(key)) {
                throw invalid("Either set " + key + " or reset it, not both at once.");
            }
            changed.remove(key);
        }
        changed.putAll(set);
        return parse(changed);
    }

    /** Whether old records go: {@code cleanup.policy} contains {@code delete}. */
    public boolean deleted() {
        return value(given, TopicSetting.CLEANUP_POLICY).contains("delete");
    }

    /** What a setting is: as it was given, or its default. */
    public String value(TopicSetting setting) {
        return value(given, setting);
    }

    private static String value(Map<String, String> given, TopicSetting setting) {
        return given.getOrDefault(setting.key(), setting.fallback());
    }

    private static long number(Map<String, String> given, TopicSetting setting) {
        return Long.parseLong(value(given, setting));
    }

    private static void check(String key, String value) {
        TopicSetting.Legal legal = setting(key).legal();
        if (!legal.allows(value)) {
            throw invalid(
                    "The topic setting "
                            + key
                            + " must be "
                            + legal.text()
                            + ", not \""
                            + value
                            + "\".");
        }
    }

    private static TopicSetting setting(String key) {
        return TopicSetting.withKey(key)
                .orElseThrow(() ->
                        invalid(
                                "There is no topic setting "
                                        + key
                                        + ": take one of "
                                        + Arrays.stream(TopicSetting.values())
                                                .map(TopicSetting::key)
                                                .collect(Collectors.joining(", "))
                                        + "."));
    }

    private static ProblemException invalid(String message) {
        return new ProblemException(new Problem(Reason.INVALID_CONFIG, message));
    }
}
