package io.millrace.kafka.topic;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSetting;
import io.millrace.metadata.topic.TopicSetting.LegalValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A setting of a topic or a node, as answers describe it.
 *
 * @param own the value that the topic or node has instead of the default; empty if none
 */
record ConfigEntry(
        String key,
        Optional<String> own,
        String defaultValue,
        Source ownSource,
        boolean readOnly,
        Type type,
        String documentation) {

    /** The source of a value, by its number in the protocol. */
    enum Source {
        TOPIC(1),
        NODE(4),
        DEFAULT(5);

        private final byte code;

        Source(int code) {
            this.code = (byte) code;
        }

        byte code() {
            return code;
        }
    }

    /** The type of a value, by its number in the protocol. */
    enum Type {
        BOOLEAN(1),
        STRING(2),
        INT(3),
        LONG(5),
        DOUBLE(6),
        LIST(7);

        private final byte code;

        Type(int code) {
            this.code = (byte) code;
        }

        byte code() {
            return code;
        }
    }

    private static final List<TopicSetting> BY_KEY =
            Arrays.stream(TopicSetting.values())
                    .sorted(Comparator.comparing(TopicSetting::key))
                    .toList();

    String value() {
        return own.orElse(defaultValue);
    }

    Source source() {
        return own.isPresent() ? ownSource : Source.DEFAULT;
    }

    /** Returns all settings of a topic by key. */
    static List<ConfigEntry> of(Topic topic) {
        List<ConfigEntry> entries = new ArrayList<>(BY_KEY.size());
        for (TopicSetting setting : BY_KEY) {
            entries.add(
                    new ConfigEntry(
                            setting.key(),
                            Optional.ofNullable(topic.settings().given().get(setting.key())),
                            setting.defaultValue(),
                            Source.TOPIC,
                            false,
                            typeOf(setting),
                            documentation(setting)));
        }
        return entries;
    }

    static String documentation(TopicSetting setting) {
        return setting.hasEffect()
                ? setting.description() + "."
                : "Without effect. " + setting.description() + ".";
    }

    static Type typeOf(TopicSetting setting) {
        if (setting == TopicSetting.CLEANUP_POLICY) {
            return Type.LIST;
        }
        return switch (setting.legalValues()) {
            case LegalValues.WholeNumber(long _, long max) ->
                    max > Integer.MAX_VALUE ? Type.LONG : Type.INT;
            case LegalValues.Fraction _ -> Type.DOUBLE;
            case LegalValues.OneOf(var words) when words.contains("false") -> Type.BOOLEAN;
            case LegalValues.OneOf _ ->
                    switch (setting.unit()) {
                        case "ms" -> Type.LONG;
                        case "bytes" -> Type.INT;
                        default -> Type.STRING;
                    };
            case LegalValues.KafkaVersion _, LegalValues.CodecAndLevel _ -> Type.STRING;
        };
    }
}
