package io.millrace.server.settings;

import io.millrace.server.settings.ServerSettings.InvalidSettingException;
import java.util.Optional;
import java.util.function.Function;

/** What was given for each setting, read with its default and its rule. */
record Values(Function<String, Optional<String>> source) {

    /** What was given, if something was. */
    Optional<String> given(Setting setting) {
        return source.apply(setting.key()).filter(text -> !text.isEmpty());
    }

    String text(Setting setting) {
        return given(setting).orElse(setting.fallback());
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

    /** Reads what was given or else the default; the parser throws IllegalArgumentException. */
    <T> T parsed(Setting setting, Function<String, T> parser, String legal) {
        return parse(setting, text(setting), parser, legal);
    }

    /** The same without a default. */
    <T> Optional<T> optional(Setting setting, Function<String, T> parser, String legal) {
        return given(setting).map(text -> parse(setting, text, parser, legal));
    }

    private static <T> T parse(
            Setting setting, String text, Function<String, T> parser, String legal) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException invalid) {
            throw new InvalidSettingException(
                    "%s must be %s; it is \"%s\".".formatted(setting.named(), legal, text));
        }
    }
}
