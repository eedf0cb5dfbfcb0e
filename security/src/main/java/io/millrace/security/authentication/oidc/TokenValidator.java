package io.millrace.security.authentication.oidc;

import io.millrace.security.principal.Principal;
import java.security.PublicKey;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.lang.JoseException;

/**
 * Validates signed tokens (JWS in compact form) offline: signature, issuer, audience, expiry and
 * start of validity, with a clock skew of 30 s. Algorithms are limited to asymmetric ones: a token
 * cannot select "none", or use a public key as an HMAC secret. Any thread.
 */
final class TokenValidator {

    /** Maximum length of a token, in characters. */
    static final int MAX_CHARS = 8 << 10;

    static final int CLOCK_SKEW_SECONDS = 30;

    private static final int MAX_KEY_ID_CHARS = 256;

    private static final Set<String> ALGORITHMS =
            Set.of(
                    AlgorithmIdentifiers.RSA_USING_SHA256,
                    AlgorithmIdentifiers.RSA_PSS_USING_SHA256,
                    AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
                    AlgorithmIdentifiers.EDDSA);

    private static final AlgorithmConstraints ALLOWED =
            new AlgorithmConstraints(ConstraintType.PERMIT, ALGORITHMS.toArray(new String[0]));

    private static final Pattern COMPACT =
            Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    private final OidcSettings settings;

    TokenValidator(OidcSettings settings) {
        this.settings = settings;
    }

    /** Returns whether a token has the form of a signed token. */
    static boolean isSigned(String token) {
        return COMPACT.matcher(token).matches();
    }

    TokenResult validate(String token, KeySet keys, long nowMs) {
        if (token.length() > MAX_CHARS || !isSigned(token) || !isCanonical(token)) {
            return new TokenResult.Invalid("is not a signed JWT of at most 8192 characters");
        }
        try {
            JsonWebSignature signature =
                    (JsonWebSignature) JsonWebSignature.fromCompactSerialization(token);
            String algorithm = String.valueOf(signature.getAlgorithmHeaderValue());
            if (!ALGORITHMS.contains(algorithm)) {
                return new TokenResult.Invalid(
                        "is signed with an algorithm other than RS256, PS256, ES256 and EdDSA");
            }
            // An unverified issuer is good enough for a rejection.
            JwtClaims unverified = JwtClaims.parse(signature.getUnverifiedPayload());
            if (!settings.issuer().equals(unverified.getIssuer())) {
                return new TokenResult.Invalid("is of an issuer other than millrace.oidc-issuer");
            }
            String id = Optional.ofNullable(signature.getKeyIdHeaderValue()).orElse("");
            if (id.length() > MAX_KEY_ID_CHARS) {
                return new TokenResult.Invalid("has a key id of more than 256 characters");
            }
            Optional<PublicKey> key = keys.find(id, algorithm);
            return key.isEmpty() ? new TokenResult.UnknownKey(id) : verify(token, key.get(), nowMs);
        } catch (JoseException
                | InvalidJwtException
                | MalformedClaimException
                | RuntimeException malformed) {
            // The library has no bound on the exceptions that hostile headers and claims cause.
            return new TokenResult.Invalid("is malformed");
        }
    }

    /**
     * Returns whether the signature has its only legal encoding. Decoders ignore unused bits, so
     * that several texts would stand for one signature.
     */
    private static boolean isCanonical(String token) {
        String signature = token.substring(token.lastIndexOf('.') + 1);
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(signature);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(signature);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private TokenResult verify(String token, PublicKey key, long nowMs)
            throws MalformedClaimException {
        JwtClaims claims;
        try {
            claims =
                    new JwtConsumerBuilder()
                            .setJwsAlgorithmConstraints(ALLOWED)
                            .setVerificationKey(key)
                            .setEvaluationTime(NumericDate.fromMilliseconds(nowMs))
                            .setAllowedClockSkewInSeconds(CLOCK_SKEW_SECONDS)
                            .setRequireExpirationTime()
                            .setExpectedIssuer(settings.issuer())
                            .setExpectedAudience(settings.audiences().toArray(new String[0]))
                            .build()
                            .processToClaims(token);
        } catch (InvalidJwtException invalid) {
            return rejection(invalid);
        }
        if (!claims.isClaimValueString(settings.principalClaim())) {
            return new TokenResult.Invalid(
                    "has no text in the claim \"%s\" (millrace.oidc-principal-claim)"
                            .formatted(settings.principalClaim()));
        }
        Optional<Principal> principal =
                Principal.authenticated(claims.getStringClaimValue(settings.principalClaim()));
        if (principal.isEmpty()) {
            return new TokenResult.Invalid(
                    "has an empty, reserved or too long name in the claim \"%s\" (millrace.oidc-principal-claim)"
                            .formatted(settings.principalClaim()));
        }
        return new TokenResult.Valid(principal.get(), expiresMs(claims.getExpirationTime()));
    }

    private static long expiresMs(NumericDate expiry) {
        long lastSecond = TimeUnit.MILLISECONDS.toSeconds(Long.MAX_VALUE) - CLOCK_SKEW_SECONDS;
        return TimeUnit.SECONDS.toMillis(
                Math.min(expiry.getValue(), lastSecond) + CLOCK_SKEW_SECONDS);
    }

    private static TokenResult rejection(InvalidJwtException invalid) {
        if (invalid.hasErrorCode(ErrorCodes.SIGNATURE_INVALID)) {
            return new TokenResult.Invalid("has an invalid signature");
        }
        if (invalid.hasErrorCode(ErrorCodes.AUDIENCE_INVALID)
                || invalid.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
            return new TokenResult.Invalid("is for an audience other than millrace.oidc-audience");
        }
        if (invalid.hasErrorCode(ErrorCodes.EXPIRED)) {
            return new TokenResult.Expired();
        }
        if (invalid.hasErrorCode(ErrorCodes.NOT_YET_VALID)) {
            return new TokenResult.Invalid(
                    "is not valid yet: compare the clocks of the issuer and the node");
        }
        if (invalid.hasErrorCode(ErrorCodes.EXPIRATION_MISSING)) {
            return new TokenResult.Invalid("has no expiry (claim exp)");
        }
        return new TokenResult.Invalid("is malformed or its signature cannot be verified");
    }
}
