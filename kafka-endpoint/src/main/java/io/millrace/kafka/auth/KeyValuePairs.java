package io.millrace.kafka.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The key-value pairs of a client's first message in RFC 7628: a GS2 header, pairs that end with
 * byte 1, and byte 1. A loop and not one pattern, whose groups would need a stack as deep as the
 * message has pairs.
 */
record KeyValuePairs(List<KeyValue> pairs) {

    record KeyValue(String key, String value) {}

    private static final char END = '\1';
    private static final String NO_BINDING = "n,";
    private static final String ON_BEHALF_OF = "a=";

    /** Returns the pairs; empty if the message has another form. */
    static Optional<KeyValuePairs> parse(String message) {
        int at = endOfHeader(message);
        if (at < 0) {
            return Optional.empty();
        }
        List<KeyValue> pairs = new ArrayList<>();
        for (int end = message.indexOf(END, at); end > at; end = message.indexOf(END, at)) {
            int equals = message.indexOf('=', at);
            if (equals < 0 || equals > end || !isKey(message, at, equals)) {
                return Optional.empty();
            }
            pairs.add(
                    new KeyValue(
                            message.substring(at, equals), message.substring(equals + 1, end)));
            at = end + 1;
        }
        boolean ends = at == message.length() - 1 && message.charAt(at) == END;
        return ends ? Optional.of(new KeyValuePairs(pairs)) : Optional.empty();
    }

    /** Returns the position after the header; -1 if the message does not begin with one. */
    private static int endOfHeader(String message) {
        int end = message.indexOf(END);
        if (!message.startsWith(NO_BINDING) || end < 0) {
            return -1;
        }
        String identity = message.substring(NO_BINDING.length(), end);
        boolean legal =
                identity.equals(",")
                        || (identity.startsWith(ON_BEHALF_OF)
                                && identity.indexOf(',') == identity.length() - 1);
        return legal ? end + 1 : -1;
    }

    private static boolean isKey(String message, int from, int to) {
        for (int i = from; i < to; i++) {
            char letter = message.charAt(i);
            if ((letter < 'a' || letter > 'z') && (letter < 'A' || letter > 'Z')) {
                return false;
            }
        }
        return to > from;
    }

    /** Returns the value of the first pair with the key, in lower or upper case. */
    Optional<String> first(String key) {
        return pairs.stream()
                .filter(pair -> pair.key().equalsIgnoreCase(key))
                .map(KeyValue::value)
                .findFirst();
    }
}
