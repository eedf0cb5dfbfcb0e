package io.millrace.security.authentication.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.security.authentication.TokenHash;
import io.millrace.security.file.InvalidFileException;
import io.millrace.security.principal.Principal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The principals of static tokens. Each line of the token file has the form {@code NAME: HASH},
 * with the SHA-256 hash of the token in 64 hexadecimal digits. Empty lines and lines that begin
 * with {@code #} are ignored. A name may have several tokens. Immutable.
 */
public final class TokenTable {

    /** Maximum size of a token file. */
    public static final int MAX_BYTES = 2 << 20;

    /** Maximum number of tokens in a file. */
    public static final int MAX_TOKENS = 10_000;

    private final Map<TokenHash, Principal> principals;

    private TokenTable(Map<TokenHash, Principal> principals) {
        this.principals = Map.copyOf(principals);
    }

    /**
     * @throws InvalidFileException with the number of the illegal line, but not its content, which
     *     may be a secret
     */
    public static TokenTable parse(byte[] content) throws InvalidFileException {
        Map<TokenHash, Principal> principals = new HashMap<>();
        int number = 0;
        for (String line : (Iterable<String>) text(content).lines()::iterator) {
            number++;
            String entry = line.strip();
            if (!entry.isEmpty() && !entry.startsWith("#")) {
                add(principals, entry, number);
            }
        }
        return new TokenTable(principals);
    }

    private static String text(byte[] content) throws InvalidFileException {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException notText) {
            throw new InvalidFileException("it is not UTF-8 text.");
        }
    }

    private static void add(Map<TokenHash, Principal> principals, String entry, int number)
            throws InvalidFileException {
        int colon = entry.lastIndexOf(':');
        Optional<TokenHash> hash =
                TokenHash.parse(entry.substring(colon + 1).strip().toLowerCase(Locale.ROOT));
        if (colon < 0 || hash.isEmpty()) {
            throw new InvalidFileException(
                    "line %d is not NAME: HASH, with a SHA-256 hash of 64 hexadecimal digits."
                            .formatted(number));
        }
        Principal principal =
                Principal.authenticated(entry.substring(0, colon).strip())
                        .orElseThrow(() ->
                                new InvalidFileException(
                                        "the name in line %d is empty, reserved, or longer than %d characters."
                                                .formatted(number, Principal.MAX_NAME_CHARS)));
        if (principals.putIfAbsent(hash.get(), principal) != null) {
            throw new InvalidFileException(
                    "line %d has the hash of an earlier line.".formatted(number));
        }
        if (principals.size() > MAX_TOKENS) {
            throw new InvalidFileException("it has more than %,d tokens.".formatted(MAX_TOKENS));
        }
    }

    public int size() {
        return principals.size();
    }

    Optional<Principal> principal(TokenHash token) {
        return Optional.ofNullable(principals.get(token));
    }
}
