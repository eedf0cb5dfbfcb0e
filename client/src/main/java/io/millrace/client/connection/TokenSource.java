package io.millrace.client.connection;

import io.millrace.runtime.SystemAccess;
import java.nio.file.Path;

/**
 * A source of the bearer tokens that authenticate a client. Called on the I/O thread before each
 * call, so that a new token is used as soon as it exists; must not block for long.
 */
@SystemAccess("reads the system's monotonic clock")
@FunctionalInterface
public interface TokenSource {

    /**
     * Returns the current token.
     *
     * @throws RuntimeException if there is none; the call fails with the message
     */
    String token();

    /** Returns a source of a token that does not change. */
    static TokenSource fixed(String token) {
        return new FixedToken(BearerTokens.legal(token));
    }

    /**
     * Returns a source that reads the token from a file, and again within a second after the file
     * has changed. While the file is missing or illegal, the last token stays in use.
     *
     * @throws IllegalArgumentException if the file has no legal token now
     */
    static TokenSource file(Path file) {
        return new FileToken(file, System::nanoTime);
    }

    /** A token that does not change. */
    record FixedToken(String token) implements TokenSource {
        @Override
        public String toString() {
            return "FixedToken[secret]";
        }
    }
}
