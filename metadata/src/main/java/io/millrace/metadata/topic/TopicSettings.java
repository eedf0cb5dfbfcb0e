package io.millrace.metadata.topic;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

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
 */
public record TopicSettings(
        Map<String, String> given,
        Compression compression,
        int maxMessageBytes,
        boolean compacted,
        boolean logAppendTime,
        long timestampAheadMaxMs,
        long retentionMs,
        long retentionBytes) {

    /** Those of a topic for which none were given. */
    public static final TopicSettings DEFAULTS = parse(Map.of());

    /** Upper bound of {@code max.message.bytes}: 16 MiB less what a request has around a batch. */
    public static final int LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024 - 1024;

    /** What {@code compression.type} may be. */
    public enum Compression {
        /** Batches stay as the producer made them; records packed by the node get zstd. */
        PRODUCER,
        NONE,
        ZSTD,
        LZ4,
        GZIP,
        SNAPPY
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
        Map<String, String> rest = new TreeMap<>(given);
        Compression compression =
                oneOf(rest, "compression.type", Compression.PRODUCER, Compression.class);
        int maxMessageBytes =
                (int) number(rest, "max.message.bytes", 1_048_588, 64, LARGEST_MESSAGE_BYTES);
        boolean compacted =
                switch (text(rest, "cleanup.policy", "delete")) {
                    case "delete" -> false;
                    case "compact", "compact,delete", "delete,compact" -> true;
                    default -> throw invalid("cleanup.policy", "delete, compact or compact,delete");
                };
        boolean logAppendTime =
                switch (text(rest, "message.timestamp.type", "CreateTime")) {
                    case "CreateTime" -> false;
                    case "LogAppendTime" -> true;
                    default ->
                            throw invalid("message.timestamp.type", "CreateTime or LogAppendTime");
                };
        long timestampAheadMaxMs =
                number(rest, "message.timestamp.after.max.ms", 3_600_000, 0, Long.MAX_VALUE);
        long retentionMs = number(rest, "retention.ms", 604_800_000, -1, Long.MAX_VALUE);
        long retentionBytes = number(rest, "retention.bytes", -1, -1, Long.MAX_VALUE);
        if (!rest.isEmpty()) {
            throw new ProblemException(
                    new Problem(
                            Reason.INVALID_CONFIG,
                            "There is no topic setting "
                                    + rest.keySet().iterator().next()
                                    + "; docs/configuration.md lists those there are."));
        }
        return new TopicSettings(
                given,
                compression,
                maxMessageBytes,
                compacted,
                logAppendTime,
                timestampAheadMaxMs,
                retentionMs,
                retentionBytes);
    }

    private static String text(Map<String, String> rest, String key, String fallback) {
        String value = rest.remove(key);
        return value == null ? fallback : value;
    }

    private static <E extends Enum<E>> E oneOf(
            Map<String, String> rest, String key, E fallback, Class<E> type) {
        String value = rest.remove(key);
        if (value == null) {
            return fallback;
        }
        StringBuilder legal = new StringBuilder();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT);
            if (name.equals(value)) {
                return constant;
            }
            legal.append(legal.isEmpty() ? "one of " : ", ").append(name);
        }
        throw invalid(key, legal.toString());
    }

    private static long number(
            Map<String, String> rest, String key, long fallback, long least, long most) {
        String value = rest.remove(key);
        if (value == null) {
            return fallback;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Refused below, like a number out of range.
        }
        throw invalid(key, "a whole number from " + least + " to " + most);
    }

    private static ProblemException invalid(String key, String legal) {
        return new ProblemException(
                new Problem(
                        Reason.INVALID_CONFIG,
                        "The topic setting " + key + " must be " + legal + "."));
    }
}
