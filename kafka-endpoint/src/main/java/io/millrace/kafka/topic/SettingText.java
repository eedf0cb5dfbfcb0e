package io.millrace.kafka.topic;

import io.millrace.metadata.topic.TopicSetting;
import io.millrace.metadata.topic.TopicSetting.LegalValues;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The texts of topic settings in the Kafka protocol, which allows several texts for one value:
 * spaces around a value and in a list, repeated elements of a list, numbers with leading zeros,
 * fractions without a digit before the point, and capital letters in booleans.
 */
final class SettingText {

    private SettingText() {}

    /** Returns the one legal text of a value, or an illegal value as it is. */
    static String canonical(String key, String given) {
        String value = given.strip();
        Optional<TopicSetting> setting = TopicSetting.withKey(key);
        if (setting.isEmpty()) {
            return value;
        }
        if (setting.get() == TopicSetting.CLEANUP_POLICY) {
            return Arrays.stream(value.split(",", -1))
                    .map(String::strip)
                    .distinct()
                    .collect(Collectors.joining(","));
        }
        return switch (setting.get().legalValues()) {
            case LegalValues.WholeNumber _ -> number(value);
            case LegalValues.OneOf(var words) when words.contains("false") ->
                    value.toLowerCase(Locale.ROOT);
            case LegalValues.Fraction _ -> value.startsWith(".") ? "0" + value : value;
            case LegalValues.OneOf _, LegalValues.KafkaVersion _, LegalValues.CodecAndLevel _ ->
                    value;
        };
    }

    private static String number(String value) {
        try {
            return Long.toString(Long.parseLong(value));
        } catch (NumberFormatException illegal) {
            return value;
        }
    }
}
