package io.millrace.server.settings;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Settings of authorisation and the audit log.
 *
 * @param superUsers the principals that may execute everything, such as {@code User:admin}
 */
public record AccessSettings(Set<String> superUsers, AuditDestination audit) {

    private static final int MAX_MIB = 1 << 20;
    private static final int MAX_FILES = 1_000;

    static AccessSettings read(SettingReader reader) {
        return new AccessSettings(
                reader.optional(
                                Setting.SUPER_USERS,
                                AccessSettings::principals,
                                "principals such as User:admin, separated by semicolons")
                        .orElse(Set.of()),
                audit(reader));
    }

    private static AuditDestination audit(SettingReader reader) {
        long maxBytes = (long) reader.number(Setting.AUDIT_LOG_MIB, 1, MAX_MIB) << 20;
        int files = reader.number(Setting.AUDIT_LOG_FILES, 1, MAX_FILES);
        return reader.parsed(
                Setting.AUDIT_LOG,
                text ->
                        switch (text) {
                            case "none" -> new AuditDestination.None();
                            case "stderr" -> new AuditDestination.StandardError();
                            default ->
                                    new AuditDestination.RotatedFile(
                                            Path.of(text), maxBytes, files);
                        },
                "a file, stderr or none");
    }

    /** Semicolons separate, because distinguished names have commas. */
    private static Set<String> principals(String text) {
        if ("none".equals(text)) {
            return Set.of();
        }
        return Arrays.stream(text.split(";"))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .map(AccessSettings::principal)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static String principal(String text) {
        if (!text.startsWith("User:")
                || text.length() == "User:".length()
                || text.equals("User:*")) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }
}
