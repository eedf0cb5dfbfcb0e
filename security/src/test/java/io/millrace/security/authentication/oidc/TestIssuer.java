package io.millrace.security.authentication.oidc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.security.file.InvalidFileException;
import java.security.Key;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/** An issuer with generated keys: the key ids are {@code rsa}, {@code ec} and {@code okp}. */
public final class TestIssuer {

    public static final String ISSUER = "https://issuer.example";
    public static final String AUDIENCE = "millrace";

    final PublicJsonWebKey rsa;
    final PublicJsonWebKey ec;
    final PublicJsonWebKey okp;

    public TestIssuer() {
        try {
            rsa = RsaJwkGenerator.generateJwk(2048);
            ec = EcJwkGenerator.generateJwk(EllipticCurves.P256);
            okp = OkpJwkGenerator.generateJwk("Ed25519");
        } catch (JoseException impossible) {
            throw new AssertionError(impossible);
        }
        rsa.setKeyId("rsa");
        ec.setKeyId("ec");
        okp.setKeyId("okp");
    }

    /** Returns the public keys as a JWKS document. */
    public String keySet() {
        return keySet(rsa, ec, okp);
    }

    static String keySet(PublicJsonWebKey... keys) {
        return new JsonWebKeySet(List.of(keys)).toJson(OutputControlLevel.PUBLIC_ONLY);
    }

    static KeySet parsed(String keySet) {
        try {
            return KeySet.parse(keySet.getBytes(UTF_8));
        } catch (InvalidFileException invalid) {
            throw new AssertionError(invalid);
        }
    }

    /** Returns a token of this issuer that is valid until the time. */
    public String token(String subject, long expiresS) {
        return sign(
                rsa,
                "RS256",
                claims -> {
                    claims.setSubject(subject);
                    claims.setExpirationTime(NumericDate.fromSeconds(expiresS));
                });
    }

    static String sign(PublicJsonWebKey key, String algorithm, Consumer<JwtClaims> change) {
        return sign(Optional.of(key.getPrivateKey()), key.getKeyId(), algorithm, change);
    }

    /**
     * Signs claims of a valid token that are changed before.
     *
     * @param key empty for the algorithm "none"
     */
    static String sign(
            Optional<Key> key, String keyId, String algorithm, Consumer<JwtClaims> change) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(ISSUER);
        claims.setAudience(AUDIENCE);
        claims.setSubject("alice");
        claims.setExpirationTime(NumericDate.fromSeconds(4_000_000_000L));
        change.accept(claims);
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        key.ifPresent(signature::setKey);
        if (!keyId.isEmpty()) {
            signature.setKeyIdHeaderValue(keyId);
        }
        signature.setAlgorithmHeaderValue(algorithm);
        signature.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        signature.setDoKeyValidation(false);
        try {
            return signature.getCompactSerialization();
        } catch (JoseException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
