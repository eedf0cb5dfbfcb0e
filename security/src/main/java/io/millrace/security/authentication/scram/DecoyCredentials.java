package io.millrace.security.authentication.scram;

import com.google.protobuf.ByteString;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;

/**
 * The credentials with which unknown users are challenged. They derive from the secret of the
 * cluster's nodes, so all nodes send the same salt at each attempt, and resemble the credential of
 * a user with a similar name. Immutable.
 */
public final class DecoyCredentials {

    /** Kafka's tools create salts of digits and lower-case letters. */
    private static final int RADIX = Character.MAX_RADIX;

    private static final int STANDARD_SALT_BYTES = 26;

    /** Limit of the credentials that are searched for one with the same mechanism. */
    private static final int MAX_SEARCHED = 64;

    private final SecretKeySpec secret;

    public DecoyCredentials(NodeSecret secret) {
        this.secret = secret.key("SCRAM");
    }

    ScramCredential like(ScramName name, ScramCredentials all) {
        Optional<ScramCredential> similar =
                withMechanism(name.mechanism(), all.after(name))
                        .or(() -> withMechanism(name.mechanism(), all.iterator()));
        int saltBytes = similar.map(known -> known.salt().size()).orElse(STANDARD_SALT_BYTES);
        byte[] salt = derived("salt", name, saltBytes);
        if (similar.isEmpty() || isText(similar.get().salt())) {
            for (int i = 0; i < salt.length; i++) {
                salt[i] = (byte) Character.forDigit((salt[i] & 0xff) % RADIX, RADIX);
            }
        }
        int keyBytes = name.mechanism().keyBytes();
        return new ScramCredential(
                name,
                similar.map(ScramCredential::iterations).orElse(ScramMechanism.MIN_ITERATIONS),
                ByteString.copyFrom(salt),
                ByteString.copyFrom(derived("stored key", name, keyBytes)),
                ByteString.copyFrom(derived("server key", name, keyBytes)));
    }

    private static Optional<ScramCredential> withMechanism(
            ScramMechanism mechanism, Iterator<ScramCredential> candidates) {
        for (int i = 0; i < MAX_SEARCHED && candidates.hasNext(); i++) {
            ScramCredential candidate = candidates.next();
            if (candidate.name().mechanism() == mechanism) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static boolean isText(ByteString salt) {
        for (int i = 0; i < salt.size(); i++) {
            byte letter = salt.byteAt(i);
            if ((letter < 'a' || letter > 'z') && (letter < '0' || letter > '9')) {
                return false;
            }
        }
        return true;
    }

    private byte[] derived(String purpose, ScramName name, int count) {
        byte[] bytes = new byte[count];
        for (int at = 0, block = 0; at < count; block++) {
            byte[] next =
                    ScramMechanism.SHA_512.hmac(
                            secret.getEncoded(),
                            "%s %d %d %s"
                                    .formatted(purpose, block, name.mechanism().code(), name.user())
                                    .getBytes(StandardCharsets.UTF_8));
            int part = Math.min(next.length, count - at);
            System.arraycopy(next, 0, bytes, at, part);
            at += part;
        }
        return bytes;
    }
}
