package io.millrace.server.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A bearer token, kept as its SHA-256. */
final class MetricsToken {

    /** Shorter tokens can be guessed. */
    static final int MIN_CHARS = 16;

    static final int MAX_CHARS = 1024;

    private static final String SCHEME = "Bearer ";

    private final byte[] sha256;

    /**
     * @throws IllegalArgumentException if the text has less than {@link #MIN_CHARS} or more than
     *     {@link #MAX_CHARS} characters
     */
    MetricsToken(String text) {
        if (text.length() < MIN_CHARS || text.length() > MAX_CHARS) {
            throw new IllegalArgumentException("a token has " + MIN_CHARS + " to " + MAX_CHARS);
        }
        sha256 = sha256(text);
    }

    /**
     * Compares in a time that does not depend on the token.
     *
     * @param authorization the value of the header {@code Authorization}
     */
    boolean allows(String authorization) {
        // The scheme of a header is case-insensitive.
        return authorization.length() <= SCHEME.length() + MAX_CHARS
                && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        sha256, sha256(authorization.substring(SCHEME.length()).strip()));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-256", missing);
        }
    }
}
