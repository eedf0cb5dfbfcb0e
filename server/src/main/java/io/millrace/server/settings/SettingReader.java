package io.millrace.server.settings;

import io.millrace.server.settings.ServerSettings.InvalidSettingException;
import java.util.Optional;
import java.util.function.Function;

/** Reads configured values, applies each setting's default and validates the result. */
record SettingReader(Function<String, Optional<String>> source) {

    Optional<String> configured(Setting setting) {
        return source.apply(setting.key()).filter(text -> !text.isEmpty());
    }

    String text(Setting setting) {
        return configured(setting).orElse(setting.defaultValue());
    }

    int number(Setting setting, int min, int max) {
        return parsed(
                setting,
                text -> {
                    int number = Integer.parseInt(text);
                    if (number < min || number > max) {
                        throw new IllegalArgumentException(text);
                    }
                    return number;
                },
                "a whole number from " + min + " to " + max);
    }

    /** Returns the values of two settings that are used together only. */
    Optional<String[]> pair(Setting setting, Setting other) {
        Optional<String> first = configured(setting);
        Optional<String> second = configured(other);
        if (first.isPresent() != second.isPresent()) {
            throw new InvalidSettingException(
                    "%s and %s belong together: set both or neither."
                            .formatted(setting.displayName(), other.displayName()));
        }
        return first.map(value -> new String[] {value, second.orElseThrow()});
    }

    /** The parser reports an illegal value with IllegalArgumentException. */
    <T> T parsed(Setting setting, Function<String, T> parser, String legal) {
        return parse(setting, text(setting), parser, legal);
    }

    /** There is no default. */
    <T> Optional<T> optional(Setting setting, Function<String, T> parser, String legal) {
        return configured(setting).map(text -> parse(setting, text, parser, legal));
    }

    /** Parses a value that does not come from the setting itself. */
    <T> T parse(Setting setting, String text, Function<String, T> parser, String legal) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException invalid) {
            throw new InvalidSettingException(
                    "%s must be %s, not \"%s\".".formatted(setting.displayName(), legal, text));
        }
    }
}
