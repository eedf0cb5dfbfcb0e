package io.millrace.metadata.identity;

import io.millrace.storage.object.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * The random id of a cluster, created once.
 *
 * @param value 32 hexadecimal digits
 */
public record ClusterId(String value) {

    private static final Pattern LEGAL = Pattern.compile("[0-9a-f]{32}");

    public ClusterId {
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException("not a cluster id: " + value);
        }
    }

    static ClusterId random(RandomGenerator random) {
        HexFormat hex = HexFormat.of();
        return new ClusterId(
                hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong()));
    }

    /** Parses an id as text; empty if the text is not an id. */
    public static Optional<ClusterId> parse(String text) {
        return LEGAL.matcher(text).matches() ? Optional.of(new ClusterId(text)) : Optional.empty();
    }

    /** Parses {@link #toBytes}; empty if the bytes are not an id. */
    public static Optional<ClusterId> parse(byte[] bytes) {
        return parse(new String(bytes, StandardCharsets.US_ASCII));
    }

    public byte[] toBytes() {
        return value.getBytes(StandardCharsets.US_ASCII);
    }

    static String keyPrefix(String cluster) {
        return "identity/" + cluster + "/";
    }

    /** Returns the key of the identity object in the bucket. */
    public ObjectKey key(String cluster) {
        return new ObjectKey(keyPrefix(cluster) + value);
    }

    /** Parses the name of an identity object; empty if it is not one of this cluster name. */
    public static Optional<ClusterId> ofObject(String name, String cluster) {
        String prefix = keyPrefix(cluster);
        return name.startsWith(prefix) ? parse(name.substring(prefix.length())) : Optional.empty();
    }

    @Override
    public String toString() {
        return value;
    }
}
