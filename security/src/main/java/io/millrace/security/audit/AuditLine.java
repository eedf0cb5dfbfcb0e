package io.millrace.security.audit;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The JSON line of an event. Control characters are escaped, so that an event is one line. */
final class AuditLine {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private AuditLine() {}

    static String of(AuditEvent event) {
        StringBuilder line = new StringBuilder(300);
        line.append("{\"time\":\"");
        TIME.formatTo(Instant.ofEpochMilli(event.timeMs()), line);
        line.append('"');
        append(line, "principal", event.principal());
        append(line, "host", event.host());
        append(line, "method", event.method());
        append(line, "resource", event.resource());
        append(line, "result", event.result());
        if (!event.detail().isEmpty()) {
            append(line, "detail", event.detail());
        }
        if (event.suppressed() > 0) {
            line.append(",\"suppressed\":").append(event.suppressed());
        }
        return line.append("}\n").toString();
    }

    private static void append(StringBuilder line, String name, String value) {
        line.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            append(line, value.charAt(i));
        }
        line.append('"');
    }

    private static void append(StringBuilder line, char each) {
        switch (each) {
            case '"' -> line.append("\\\"");
            case '\\' -> line.append("\\\\");
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                // U+2028 and U+2029 end a line for some readers.
                if (Character.isISOControl(each)
                        || Character.isSurrogate(each)
                        || each == '\u2028'
                        || each == '\u2029') {
                    line.append("\\u%04x".formatted((int) each));
                } else {
                    line.append(each);
                }
            }
        }
    }
}
