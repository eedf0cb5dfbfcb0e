package io.millrace.protocol.scram;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;

/**
 * The password of a user after salting, as a client sends it to set a credential. A secret: its
 * text form has no bytes.
 *
 * @param iterations the number of iterations of the hash
 * @param hash the result of the iterations
 */
public record SaltedPassword(ScramName name, int iterations, ByteString salt, ByteString hash) {

    private static final byte[] CLIENT_KEY = "Client Key".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SERVER_KEY = "Server Key".getBytes(StandardCharsets.US_ASCII);

    /**
     * Salts a password. Takes about 10 ms.
     *
     * @throws IllegalArgumentException if the password is empty
     */
    public static SaltedPassword of(ScramName name, String password, int iterations, byte[] salt) {
        byte[] hash =
                name.mechanism()
                        .saltedPassword(
                                password.getBytes(StandardCharsets.UTF_8), salt, iterations);
        return new SaltedPassword(
                name, iterations, ByteString.copyFrom(salt), ByteString.copyFrom(hash));
    }

    /** Returns the key by which clients prove that they know the password. */
    public byte[] clientKey() {
        return name.mechanism().hmac(hash.toByteArray(), CLIENT_KEY);
    }

    /** Returns the key that a server verifies client proofs with. */
    public byte[] storedKey() {
        return name.mechanism().hash(clientKey());
    }

    /** Returns the key by which a server proves that it has the credential. */
    public byte[] serverKey() {
        return name.mechanism().hmac(hash.toByteArray(), SERVER_KEY);
    }

    @Override
    public String toString() {
        return "SaltedPassword[%s, secret]".formatted(name);
    }
}
