package io.millrace.security.authentication.scram;

import io.millrace.metadata.scram.ScramCredential;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Verifies the proofs of users with SCRAM credentials (RFC 5802). An unknown user is challenged
 * like a known one and fails by its proof, so that clients cannot find out the names of users. Any
 * thread.
 */
public final class ScramAuthenticator {

    private static final int NONCE_BITS = 144;

    private final Supplier<ScramCredentials> credentials;
    private final DecoyCredentials decoys;
    private final RandomGenerator random;

    /**
     * @param credentials the supplier of the current credentials; called on any thread
     * @param decoys the credentials of unknown users
     * @param random a generator whose numbers cannot be predicted
     */
    public ScramAuthenticator(
            Supplier<ScramCredentials> credentials,
            DecoyCredentials decoys,
            RandomGenerator random) {
        this.credentials = credentials;
        this.decoys = decoys;
        this.random = random;
    }

    /** Returns the current credentials. The same object until a credential changes. */
    public ScramCredentials credentials() {
        return credentials.get();
    }

    /** Returns the server's part of the nonce of an exchange. */
    public String nonce() {
        byte[] bytes = new byte[NONCE_BITS / Byte.SIZE];
        random.nextBytes(bytes);
        return new BigInteger(1, bytes).toString(Character.MAX_RADIX);
    }

    /** Returns the credential of a user, or another that no proof matches. */
    public ScramCredential challenge(ScramName name) {
        ScramCredentials all = credentials.get();
        ScramCredential decoy = decoys.like(name, all);
        return all.find(name).orElse(decoy);
    }

    /**
     * Verifies the proof of a client.
     *
     * @param challenged the credential of the challenge
     * @param message the AuthMessage of RFC 5802
     */
    public Authentication verify(ScramCredential challenged, byte[] message, byte[] proof) {
        ScramMechanism mechanism = challenged.name().mechanism();
        byte[] storedKey = challenged.storedKey().toByteArray();
        byte[] clientKey = mechanism.hmac(storedKey, message);
        if (proof.length == clientKey.length) {
            for (int i = 0; i < proof.length; i++) {
                clientKey[i] ^= proof[i];
            }
            if (MessageDigest.isEqual(mechanism.hash(clientKey), storedKey)) {
                return authenticate(challenged.name());
            }
        }
        return Authentication.rejected(
                AuthenticationMethod.SCRAM,
                "The user has no credential for %s, or the password is wrong, so the client is not authenticated: use the password that was set last."
                        .formatted(mechanism.text()));
    }

    /** Returns the signature by which the server proves that it has the credential. */
    public static byte[] signature(ScramCredential challenged, byte[] message) {
        return challenged.name().mechanism().hmac(challenged.serverKey().toByteArray(), message);
    }

    /** Decides again about a user whose proof was accepted: the credential may be removed. */
    public Authentication authenticate(ScramName name) {
        Optional<Principal> principal =
                credentials.get().find(name).flatMap(known -> Principal.authenticated(name.user()));
        return principal.isPresent()
                ? new Authentication.Accepted(
                        AuthenticationMethod.SCRAM, principal.get(), Caller.NEVER)
                : Authentication.rejected(
                        AuthenticationMethod.SCRAM,
                        "The credential for %s was removed, so the client is no longer authenticated."
                                .formatted(name.mechanism().text()));
    }
}
