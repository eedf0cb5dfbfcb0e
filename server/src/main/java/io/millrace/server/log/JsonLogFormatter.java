package io.millrace.server.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.handlers.ConsoleHandler;

/**
 * Formats a log record as one line with a JSON object: {@code timestamp}, {@code level}, {@code
 * logger}, {@code thread}, {@code message}, then the fields of the record's context in alphabetical
 * order, and {@code stack} if there is an exception. All values are text. Any thread.
 */
public final class JsonLogFormatter extends ExtFormatter {

    private static final HexFormat HEX = HexFormat.of();

    /** Fields of the context with these names would occur twice in an object. */
    private static final Set<String> RESERVED =
            Set.of("timestamp", "level", "logger", "thread", "message", "stack");

    /** Makes the console's log lines JSON from now on. */
    public static void install() {
        for (Handler handler : Logger.getLogger("").getHandlers()) {
            install(handler);
        }
    }

    private static void install(Handler handler) {
        if (handler instanceof ConsoleHandler console) {
            console.setFormatter(new JsonLogFormatter());
        } else if (handler instanceof ExtHandler wrapper) {
            for (Handler inner : wrapper.getHandlers()) {
                install(inner);
            }
        }
    }

    @Override
    public String format(ExtLogRecord record) {
        StringBuilder line = new StringBuilder(512).append("{\"timestamp\":\"");
        line.append(record.getInstant().truncatedTo(ChronoUnit.MILLIS)).append('"');
        field(line, "level", record.getLevel().getName());
        field(line, "logger", String.valueOf(record.getLoggerName()));
        field(line, "thread", String.valueOf(record.getThreadName()));
        field(line, "message", String.valueOf(formatMessage(record)));
        for (Map.Entry<String, String> entry : new TreeMap<>(record.getMdcCopy()).entrySet()) {
            if (!RESERVED.contains(entry.getKey())) {
                field(line, entry.getKey(), entry.getValue());
            }
        }
        Throwable thrown = record.getThrown();
        if (thrown != null) {
            StringWriter stack = new StringWriter();
            thrown.printStackTrace(new PrintWriter(stack));
            field(line, "stack", stack.toString());
        }
        return line.append("}\n").toString();
    }

    private static void field(StringBuilder line, String name, String value) {
        line.append(",\"");
        escape(line, name);
        line.append("\":\"");
        escape(line, value);
        line.append('"');
    }

    private static void escape(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> line.append('\\').append(c);
                case '\n' -> line.append("\\n");
                case '\t' -> line.append("\\t");
                default -> {
                    // Half of a surrogate pair is not legal in UTF-8.
                    if (c < ' ' || isLoneSurrogate(text, i)) {
                        line.append("\\u").append(HEX.toHexDigits(c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
    }

    private static boolean isLoneSurrogate(String text, int index) {
        char c = text.charAt(index);
        if (Character.isHighSurrogate(c)) {
            return index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1));
        }
        return Character.isLowSurrogate(c)
                && (index == 0 || !Character.isHighSurrogate(text.charAt(index - 1)));
    }
}
