package io.millrace.server.grpc.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.metadata.identity.NodeSecret;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;

/**
 * Signs and verifies tokens: the claims, followed by their HMAC-SHA256 together with the name of
 * the called method. Any thread.
 */
final class TokenSigner {

    private static final String ALGORITHM = "HmacSHA256";
    private static final byte[] PURPOSE = "millrace call between nodes, 1".getBytes(UTF_8);
    private static final int CLAIMS_BYTES = 3 * Long.BYTES;
    private static final int TOKEN_BYTES = CLAIMS_BYTES + 32;

    /** Cloned for each use, which is cheaper than a new one and needs no lock. */
    private final Mac mac;

    TokenSigner(NodeSecret secret) {
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(secret.key(ALGORITHM));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has " + ALGORITHM, missing);
        }
    }

    byte[] sign(TokenClaims claims, String method) {
        ByteBuffer token = ByteBuffer.allocate(TOKEN_BYTES);
        token.putLong(claims.caller()).putLong(claims.callee()).putLong(claims.minute());
        return token.put(signature(token.array(), method)).array();
    }

    /** Returns the claims of a token that was signed with the same secret for the method. */
    Optional<TokenClaims> verify(byte[] token, String method) {
        if (token.length != TOKEN_BYTES) {
            return Optional.empty();
        }
        byte[] signature = Arrays.copyOfRange(token, CLAIMS_BYTES, TOKEN_BYTES);
        return MessageDigest.isEqual(signature, signature(token, method))
                ? Optional.of(claims(token))
                : Optional.empty();
    }

    /** Returns the claims of a verified token. */
    static TokenClaims claims(byte[] token) {
        ByteBuffer in = ByteBuffer.wrap(token);
        return new TokenClaims(in.getLong(), in.getLong(), in.getLong());
    }

    private byte[] signature(byte[] token, String method) {
        Mac own;
        try {
            own = (Mac) mac.clone();
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException(impossible);
        }
        own.update(PURPOSE);
        own.update(token, 0, CLAIMS_BYTES);
        return own.doFinal(method.getBytes(UTF_8));
    }
}
