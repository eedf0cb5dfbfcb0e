package io.millrace.storage.object;

import java.util.Optional;

/**
 * The name of an object in the bucket: at most 250 characters. Segments of {@code [a-zA-Z0-9._=-]},
 * none of them "." or "..", are separated by slashes.
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {

    private static final int MAX_CHARACTERS = 250;

    public ObjectKey {
        if (!isLegal(value)) {
            throw new IllegalArgumentException("not an object key: " + value);
        }
    }

    /** Checked for each listed object, hence without a regular expression. */
    private static boolean isLegal(String value) {
        if (value.length() > MAX_CHARACTERS) {
            return false;
        }
        int begin = 0;
        for (int i = 0; i < value.length(); i++) {
            char character = value.charAt(i);
            if (character == '/') {
                if (!isLegalSegment(value, begin, i)) {
                    return false;
                }
                begin = i + 1;
            } else if (!isLegal(character)) {
                return false;
            }
        }
        return isLegalSegment(value, begin, value.length());
    }

    private static boolean isLegal(char character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || character == '_'
                || character == '.'
                || character == '='
                || character == '-';
    }

    private static boolean isLegalSegment(String value, int begin, int end) {
        int length = end - begin;
        return length > 2
                || (length == 1 && value.charAt(begin) != '.')
                || (length == 2 && !value.startsWith("..", begin));
    }

    /** Returns empty if the name is not a legal key. */
    public static Optional<ObjectKey> parse(String name) {
        return isLegal(name) ? Optional.of(new ObjectKey(name)) : Optional.empty();
    }

    @Override
    public int compareTo(ObjectKey other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
