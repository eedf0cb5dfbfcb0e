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
 * The parsed settings of a topic; {@link TopicSetting} describes each setting.
 *
 * @param given the explicitly set values, by key
 * @param retentionMs -1 for unlimited
 * @param retentionBytes for each partition; -1 for unlimited
 * @param segmentCompression empty to leave batches unchanged
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

    public static final TopicSettings DEFAULTS = parse(Map.of());

    /** The maximum of {@code max.message.bytes}: 16 MiB minus the overhead of a request. */
    public static final int MAX_MESSAGE_BYTES_LIMIT = 16 * 1024 * 1024 - 1024;

    /** The values of {@code compression.type}. */
    public enum Compression {
        /** Keeps the producer's batches; records packed by the node get zstd. */
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

        /** Returns the codec of stored batches; empty if the producer chooses. */
        public Optional<CompressionCodec> codec() {
            return codec;
        }
    }

    public TopicSettings {
        given = Map.copyOf(given);
    }

    /**
     * Parses the settings of a request.
     *
     * @throws ProblemException with INVALID_CONFIG, naming the key, the error and the legal values
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
     * Returns these settings with a change.
     *
     * @param reset keys that return to their defaults, set before or not
     * @throws ProblemException with INVALID_CONFIG
     */
    public TopicSettings with(Map<String, String> set, Set<String> reset) {
        Map<String, String> changed = new TreeMap<>(given);
        for (String key : new TreeSet<>(reset)) {
            setting(key);
            if (set.containsKey(key)) {
                throw invalid(
                        "The topic setting "
                                + key
                                + " is both set and reset: choose one of the two.");
            }
            changed.remove(key);
        }
        changed.putAll(set);
        return parse(changed);
    }

    /** Returns whether {@code cleanup.policy} contains {@code delete}. */
    public boolean deletesOldRecords() {
        return value(given, TopicSetting.CLEANUP_POLICY).contains("delete");
    }

    /** Returns whether the topic has a value of its own. */
    public boolean isGiven(TopicSetting setting) {
        return given.containsKey(setting.key());
    }

    /** Returns the given value or the default. */
    public String value(TopicSetting setting) {
        return value(given, setting);
    }

    private static String value(Map<String, String> given, TopicSetting setting) {
        return given.getOrDefault(setting.key(), setting.defaultValue());
    }

    private static long number(Map<String, String> given, TopicSetting setting) {
        return Long.parseLong(value(given, setting));
    }

    private static void check(String key, String value) {
        TopicSetting.LegalValues legal = setting(key).legalValues();
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
                                "Unknown topic setting "
                                        + key
                                        + ": use one of "
                                        + Arrays.stream(TopicSetting.values())
                                                .filter(TopicSetting::hasEffect)
                                                .map(TopicSetting::key)
                                                .collect(Collectors.joining(", "))
                                        + "."));
    }

    private static ProblemException invalid(String message) {
        return new ProblemException(new Problem(Reason.INVALID_CONFIG, message));
    }
}
