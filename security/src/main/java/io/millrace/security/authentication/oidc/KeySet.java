package io.millrace.security.authentication.oidc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.security.file.InvalidFileException;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.Use;
import org.jose4j.lang.JoseException;

/**
 * The public keys of an issuer for signatures. Symmetric keys, keys for encryption and RSA keys of
 * less than 2048 bits are left out. Immutable.
 */
public final class KeySet {

    /** Maximum size of a key set (JWKS). */
    public static final int MAX_BYTES = 1 << 20;

    /** Maximum number of keys in a set. */
    public static final int MAX_KEYS = 1000;

    private static final int MIN_RSA_BITS = 2048;

    private record SigningKey(String id, String type, String algorithm, PublicKey key) {

        boolean fits(String tokenAlgorithm) {
            boolean sameType =
                    switch (tokenAlgorithm) {
                        case "RS256", "PS256" -> type.equals("RSA");
                        case "ES256" -> type.equals("EC");
                        case "EdDSA" -> type.equals("OKP");
                        default -> false;
                    };
            return sameType && (algorithm.isEmpty() || algorithm.equals(tokenAlgorithm));
        }
    }

    private final List<SigningKey> keys;

    private KeySet(List<SigningKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /** Parses a JWKS document. Keys of unknown types are left out. */
    public static KeySet parse(byte[] json) throws InvalidFileException {
        List<JsonWebKey> all;
        try {
            all = new JsonWebKeySet(new String(json, UTF_8)).getJsonWebKeys();
        } catch (JoseException | RuntimeException malformed) {
            throw new InvalidFileException("it is not a JSON Web Key Set.");
        }
        if (all.size() > MAX_KEYS) {
            throw new InvalidFileException("it has more than %,d keys.".formatted(MAX_KEYS));
        }
        List<SigningKey> usable = new ArrayList<>();
        for (JsonWebKey key : all) {
            if (key instanceof PublicJsonWebKey known
                    && !Use.ENCRYPTION.equals(known.getUse())
                    && isStrong(known.getPublicKey())) {
                usable.add(
                        new SigningKey(
                                text(known.getKeyId()),
                                known.getKeyType(),
                                text(known.getAlgorithm()),
                                known.getPublicKey()));
            }
        }
        if (usable.isEmpty()) {
            throw new InvalidFileException("it has no public key for signatures.");
        }
        return new KeySet(usable);
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }

    private static boolean isStrong(PublicKey key) {
        return !(key instanceof RSAPublicKey rsa) || rsa.getModulus().bitLength() >= MIN_RSA_BITS;
    }

    /**
     * Returns the key of a token; empty if there is none, or more than one for a token without key
     * id.
     *
     * @param id the key id of the token; may be empty
     */
    Optional<PublicKey> find(String id, String algorithm) {
        List<SigningKey> fitting =
                keys.stream()
                        .filter(key -> id.isEmpty() || key.id().equals(id))
                        .filter(key -> key.fits(algorithm))
                        .toList();
        return fitting.size() == 1 ? Optional.of(fitting.getFirst().key()) : Optional.empty();
    }

    public int size() {
        return keys.size();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeySet that && keys.equals(that.keys);
    }

    @Override
    public int hashCode() {
        return keys.hashCode();
    }
}
