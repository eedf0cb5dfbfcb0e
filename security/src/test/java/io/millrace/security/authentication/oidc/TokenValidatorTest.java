package io.millrace.security.authentication.oidc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.security.file.InvalidFileException;
import io.millrace.security.principal.Principal;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenValidatorTest {

    private static final TestIssuer ISSUER = new TestIssuer();
    private static final KeySet KEYS = TestIssuer.parsed(ISSUER.keySet());
    private static final long NOW_S = 2_000_000_000L;
    private static final long SKEW_S = TokenValidator.CLOCK_SKEW_SECONDS;

    private static final TokenValidator VALIDATOR = validator("sub");

    private static TokenValidator validator(String claim) {
        return new TokenValidator(
                new OidcSettings(
                        TestIssuer.ISSUER,
                        Set.of("other", TestIssuer.AUDIENCE),
                        Optional.empty(),
                        claim));
    }

    private static TokenResult validate(String token) {
        return VALIDATOR.validate(token, KEYS, NOW_S * 1000);
    }

    private static TokenResult signedWith(Consumer<JwtClaims> change) {
        return validate(TestIssuer.sign(ISSUER.rsa, "RS256", change));
    }

    private static PublicJsonWebKey key(String id) {
        return switch (id) {
            case "rsa" -> ISSUER.rsa;
            case "ec" -> ISSUER.ec;
            default -> ISSUER.okp;
        };
    }

    @ParameterizedTest
    @CsvSource({"rsa, RS256", "rsa, PS256", "ec, ES256", "okp, EdDSA"})
    void aTokenOfTheIssuerIsValid(String id, String algorithm) {
        String token = TestIssuer.sign(key(id), algorithm, claims -> {});
        assertThat(validate(token))
                .isEqualTo(
                        new TokenResult.Valid(
                                Principal.user("alice"), (4_000_000_000L + SKEW_S) * 1000));
    }

    /** The only property that counts: no other text than the signed one is accepted. */
    @ParameterizedTest
    @CsvSource({"rsa, RS256", "ec, ES256", "okp, EdDSA"})
    void aTokenWithAnyChangedCharacterIsRejected(String id, String algorithm) {
        String token = TestIssuer.sign(key(id), algorithm, claims -> {});
        for (int i = 0; i < token.length(); i++) {
            String before = token.substring(0, i);
            String after = token.substring(i + 1);
            char neighbour = (char) (token.charAt(i) ^ 1);
            assertThat(validate(before + neighbour + after))
                    .isNotInstanceOf(TokenResult.Valid.class);
            assertThat(validate(before + "\n" + token.substring(i)))
                    .isNotInstanceOf(TokenResult.Valid.class);
            assertThat(validate(before + after)).isNotInstanceOf(TokenResult.Valid.class);
        }
    }

    @Test
    void aTokenWithoutSignatureIsRejected() {
        String signed = TestIssuer.sign(ISSUER.rsa, "RS256", claims -> {});
        String none = TestIssuer.sign(Optional.empty(), "rsa", "none", claims -> {});
        assertThat(validate(none)).isInstanceOf(TokenResult.Invalid.class);
        assertThat(validate(none + "AAAA"))
                .isEqualTo(
                        new TokenResult.Invalid(
                                "is signed with an algorithm other than RS256, PS256, ES256 and EdDSA"));
        assertThat(validate(signed.substring(0, signed.lastIndexOf('.') + 1)))
                .isInstanceOf(TokenResult.Invalid.class);
    }

    @Test
    void aPublicKeyIsNoSecretOfAnHmac() {
        byte[] secret = ISSUER.rsa.getPublicKey().getEncoded();
        String forged =
                TestIssuer.sign(Optional.of(new HmacKey(secret)), "rsa", "HS256", claims -> {});
        assertThat(validate(forged)).isInstanceOf(TokenResult.Invalid.class);
    }

    @Test
    void aKeyServesOnlyItsOwnTypeOfAlgorithm() throws JoseException {
        String token =
                TestIssuer.sign(
                        Optional.of(ISSUER.ec.getPrivateKey()), "rsa", "ES256", claims -> {});
        assertThat(validate(token)).isEqualTo(new TokenResult.UnknownKey("rsa"));
        PublicJsonWebKey other = RsaJwkGenerator.generateJwk(2048);
        other.setKeyId("rsa");
        assertThat(validate(TestIssuer.sign(other, "RS256", claims -> {})))
                .isEqualTo(new TokenResult.Invalid("has an invalid signature"));
    }

    @Test
    void aKeyIsRestrictedToItsDeclaredAlgorithm() throws JoseException {
        PublicJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("k");
        key.setAlgorithm("RS256");
        KeySet keys = TestIssuer.parsed(TestIssuer.keySet(key));
        assertThat(VALIDATOR.validate(TestIssuer.sign(key, "RS256", claims -> {}), keys, 0))
                .isInstanceOf(TokenResult.Valid.class);
        assertThat(VALIDATOR.validate(TestIssuer.sign(key, "PS256", claims -> {}), keys, 0))
                .isEqualTo(new TokenResult.UnknownKey("k"));
    }

    @Test
    void aTokenWithoutKeyIdNeedsAnOnlyFittingKey() {
        String token =
                TestIssuer.sign(Optional.of(ISSUER.ec.getPrivateKey()), "", "ES256", claims -> {});
        assertThat(validate(token)).isInstanceOf(TokenResult.Valid.class);
        PublicJsonWebKey second = new TestIssuer().ec;
        second.setKeyId("ec2");
        KeySet two = TestIssuer.parsed(TestIssuer.keySet(ISSUER.ec, second));
        assertThat(VALIDATOR.validate(token, two, 0)).isEqualTo(new TokenResult.UnknownKey(""));
    }

    @ParameterizedTest
    @CsvSource({"-30, true", "-29, false", "0, false"})
    void aTokenIsValidUntilTheSkewAfterItsExpiry(long secondsFromNow, boolean expired) {
        TokenResult result =
                signedWith(claims ->
                        claims.setExpirationTime(NumericDate.fromSeconds(NOW_S + secondsFromNow)));
        if (expired) {
            assertThat(result).isEqualTo(new TokenResult.Expired());
        } else {
            assertThat(result)
                    .isEqualTo(
                            new TokenResult.Valid(
                                    Principal.user("alice"),
                                    (NOW_S + secondsFromNow + SKEW_S) * 1000));
        }
    }

    @Test
    void aTokenIsNotValidBeforeItsStart() {
        assertThat(
                        signedWith(claims ->
                                claims.setNotBefore(NumericDate.fromSeconds(NOW_S + SKEW_S + 1))))
                .isInstanceOf(TokenResult.Invalid.class);
        assertThat(signedWith(claims -> claims.setNotBefore(NumericDate.fromSeconds(NOW_S + 20))))
                .isInstanceOf(TokenResult.Valid.class);
    }

    @Test
    void issuerAudienceExpiryAndPrincipalAreRequired() {
        assertInvalid(claims -> claims.setIssuer(TestIssuer.ISSUER + "/"), "issuer");
        assertInvalid(claims -> claims.unsetClaim("iss"), "issuer");
        assertInvalid(claims -> claims.setAudience("someone-else"), "audience");
        assertInvalid(claims -> claims.unsetClaim("aud"), "audience");
        assertInvalid(claims -> claims.unsetClaim("exp"), "expiry");
        assertInvalid(claims -> claims.unsetClaim("sub"), "claim \"sub\"");
        assertInvalid(claims -> claims.setClaim("sub", 7), "malformed");
        assertInvalid(claims -> claims.setSubject("ANONYMOUS"), "reserved");
        assertInvalid(claims -> claims.setSubject("*"), "reserved");
        assertInvalid(claims -> claims.setSubject("a\nb"), "reserved");
        assertInvalid(claims -> claims.setSubject("a".repeat(600)), "too long");
    }

    private static void assertInvalid(Consumer<JwtClaims> change, String named) {
        assertThat(signedWith(change))
                .isInstanceOfSatisfying(
                        TokenResult.Invalid.class,
                        invalid -> assertThat(invalid.why()).contains(named));
    }

    @Test
    void anotherClaimMayNameThePrincipal() {
        String token =
                TestIssuer.sign(
                        ISSUER.rsa, "RS256", claims -> claims.setClaim("email", "a@example.org"));
        assertThat(validator("email").validate(token, KEYS, 0))
                .isInstanceOfSatisfying(
                        TokenResult.Valid.class,
                        valid ->
                                assertThat(valid.principal())
                                        .isEqualTo(Principal.user("a@example.org")));
    }

    @Test
    void aHugeTokenIsRejectedBeforeItIsParsed() {
        assertThat(signedWith(claims -> claims.setClaim("x", "y".repeat(8000))))
                .isEqualTo(
                        new TokenResult.Invalid("is not a signed JWT of at most 8192 characters"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a.b.c", "e30.e30.AAAA", "a.b.c.d.e", "W10.W10.AAAA"})
    void aMalformedTokenIsRejected(String token) {
        assertThat(validate(token)).isInstanceOf(TokenResult.Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "7",
                "{\"alg\":7}",
                "{\"alg\":null}",
                "{\"alg\":\"RS256\",\"alg\":\"none\"}",
                "{\"alg\":\"RS256\",\"kid\":7}",
                "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":7}",
                "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[\"x\"]}",
                "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"cty\":\"JWT\"}",
                "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"enc\":\"A128GCM\",\"zip\":\"DEF\"}",
            })
    void aHostileHeaderIsRejected(String header) {
        String payload = "{\"iss\":\"" + TestIssuer.ISSUER + "\"}";
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        String token =
                encoder.encodeToString(header.getBytes(UTF_8))
                        + "."
                        + encoder.encodeToString(payload.getBytes(UTF_8))
                        + ".AAAA";
        assertThat(validate(token))
                .isInstanceOfAny(TokenResult.Invalid.class, TokenResult.UnknownKey.class);
    }

    @Test
    void claimsOfOtherTypesAreRejected() {
        for (String claim : List.of("iss", "aud", "exp", "nbf", "sub")) {
            for (Object value : List.of(7.5, "text", List.of(1), Map.of("a", 1), true)) {
                if (!(claim.equals("sub") && value.equals("text"))
                        && !(claim.equals("nbf") && value.equals(7.5))
                        && !(claim.equals("exp") && value.equals(7.5))) {
                    assertThat(signedWith(claims -> claims.setClaim(claim, value)))
                            .as(claim + "=" + value)
                            .isInstanceOf(TokenResult.Invalid.class);
                }
            }
        }
    }

    @Test
    void symmetricWeakAndEncryptionKeysAreLeftOut() throws JoseException {
        PublicJsonWebKey weak = RsaJwkGenerator.generateJwk(1024);
        PublicJsonWebKey encryption = RsaJwkGenerator.generateJwk(2048);
        encryption.setUse("enc");
        String symmetric = "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"AAAA\"}]}";
        assertThatThrownBy(() -> KeySet.parse(symmetric.getBytes(UTF_8)))
                .isInstanceOf(InvalidFileException.class);
        assertThat(TestIssuer.parsed(TestIssuer.keySet(weak, encryption, ISSUER.ec)).size())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"keys\":[]}", "{\"keys\":7}", "{}"})
    void aMalformedKeySetIsRefused(String json) {
        assertThatThrownBy(() -> KeySet.parse(json.getBytes(UTF_8)))
                .isInstanceOf(InvalidFileException.class);
    }
}
