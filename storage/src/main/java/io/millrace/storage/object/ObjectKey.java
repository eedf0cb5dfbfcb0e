package io.millrace.storage.object;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an object in the bucket: segments of {@code [a-zA-Z0-9._=-]} with slashes between, no
 * segment "." or "..", at most 250 characters. So it is a safe file name too, once the slashes are
 * replaced.
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {

    private static final Pattern LEGAL =
            Pattern.compile("(?!\\.{1,2}(/|$))[\\w.=-]+(/(?!\\.{1,2}(/|$))[\\w.=-]+)*");

    public ObjectKey {
        if (!isLegal(value)) {
            throw new IllegalArgumentException("not an object key: " + value);
        }
    }

    private static boolean isLegal(String value) {
        return value.length() <= 250 && LEGAL.matcher(value).matches();
    }

    /** The key of this name; empty if it is not a legal one. */
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
