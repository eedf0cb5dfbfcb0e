package io.millrace.security.authentication.methods;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.Authenticator;
import io.millrace.security.authentication.Credentials;
import io.millrace.security.authentication.certificate.CertificateName;
import io.millrace.security.authentication.oidc.OidcSettings;
import io.millrace.security.authentication.oidc.TestIssuer;
import io.millrace.security.file.ReloadedFile;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnabledMethodsTest {

    private static final TestIssuer ISSUER = new TestIssuer();
    private static final String SECRET = "mlr_secret";

    @TempDir Path folder;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Path tokens;
    private Path keys;

    @BeforeEach
    void writeFiles() throws IOException {
        tokens = Files.writeString(folder.resolve("tokens"), "app: " + sha256(SECRET) + "\n");
        keys = Files.writeString(folder.resolve("keys"), ISSUER.keySet());
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError(missing);
        }
    }

    private EnabledMethods open(AuthenticationMethod... methods) {
        Set<AuthenticationMethod> enabled = Set.of(methods);
        return EnabledMethods.open(
                new AuthenticationSettings(
                        enabled,
                        enabled.contains(AuthenticationMethod.CERTIFICATE)
                                ? Optional.of(CertificateName.DN)
                                : Optional.empty(),
                        enabled.contains(AuthenticationMethod.TOKEN)
                                ? Optional.of(tokens)
                                : Optional.empty(),
                        enabled.contains(AuthenticationMethod.OIDC)
                                ? Optional.of(
                                        new OidcSettings(
                                                TestIssuer.ISSUER,
                                                Set.of(TestIssuer.AUDIENCE),
                                                Optional.of(keys.toUri()),
                                                "sub"))
                                : Optional.empty()),
                new AuthenticationMeter(registry, loop::nanoTime),
                loop,
                Runnable::run,
                InstantSource.fixed(Instant.ofEpochSecond(2_000_000_000L)));
    }

    private static Authentication bearer(EnabledMethods methods, String token) {
        return methods.authenticate(new Credentials.Bearer(token));
    }

    private static void assertRejected(Authentication result, String method) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Authentication.Rejected.class,
                        rejected -> {
                            assertThat(rejected.method()).isEqualTo(method);
                            assertThat(rejected.problem().reason())
                                    .isEqualTo(Reason.UNAUTHENTICATED);
                            assertThat(rejected.problem().message()).doesNotContain(SECRET);
                        });
    }

    @Test
    void staticAndSignedTokensAreToldApart() {
        EnabledMethods methods = open(AuthenticationMethod.TOKEN, AuthenticationMethod.OIDC);
        assertThat(bearer(methods, SECRET))
                .isEqualTo(
                        new Authentication.Accepted(
                                AuthenticationMethod.TOKEN, Principal.user("app"), Caller.NEVER));
        assertThat(bearer(methods, ISSUER.token("alice", 3_000_000_000L)))
                .isEqualTo(
                        new Authentication.Accepted(
                                AuthenticationMethod.OIDC,
                                Principal.user("alice"),
                                3_000_000_030_000L));
        assertRejected(bearer(methods, SECRET + "x"), "token");
        assertRejected(bearer(methods, "a.b.c"), "oidc");
        assertRejected(methods.authenticate(new Credentials.None()), "none");
    }

    @Test
    void aPortAcceptsItsOwnMethodsOnly() {
        EnabledMethods methods = open(AuthenticationMethod.TOKEN, AuthenticationMethod.OIDC);
        Authenticator port =
                methods.limitedTo(
                        new AuthenticationSettings(
                                Set.of(AuthenticationMethod.TOKEN),
                                Optional.empty(),
                                Optional.of(tokens),
                                Optional.empty()));
        assertThat(port.authenticate(new Credentials.Bearer(SECRET)))
                .isInstanceOf(Authentication.Accepted.class);
        String signed = ISSUER.token("alice", 3_000_000_000L);
        assertThat(bearer(methods, signed)).isInstanceOf(Authentication.Accepted.class);
        assertRejected(port.authenticate(new Credentials.Bearer(signed)), "token");
    }

    @Test
    void credentialsOfAMethodThatIsNotEnabledAreRejected() {
        assertRejected(bearer(open(AuthenticationMethod.CERTIFICATE), SECRET), "none");
        assertRejected(bearer(open(AuthenticationMethod.OIDC), SECRET), "oidc");
        assertRejected(
                bearer(open(AuthenticationMethod.TOKEN), ISSUER.token("alice", 3_000_000_000L)),
                "token");
    }

    @Test
    void aLongTokenIsRejected() {
        EnabledMethods methods = open(AuthenticationMethod.TOKEN);
        assertRejected(bearer(methods, "x".repeat(EnabledMethods.MAX_TOKEN_CHARS + 1)), "token");
    }

    @Test
    void aTokenThatIsRemovedFromTheFileIsRejected() throws IOException {
        EnabledMethods methods = open(AuthenticationMethod.TOKEN);
        long version = methods.version();
        Files.writeString(tokens, "other: " + sha256("other") + "\n");
        loop.advance(ReloadedFile.CHECK_INTERVAL);
        assertThat(methods.version()).isNotEqualTo(version);
        assertRejected(bearer(methods, SECRET), "token");
    }

    @Test
    void aBrokenFileIsRefusedAndTheOldTokensStay() throws IOException {
        EnabledMethods methods = open(AuthenticationMethod.TOKEN);
        Files.writeString(tokens, "app " + SECRET + "\n");
        loop.advance(ReloadedFile.CHECK_INTERVAL);
        assertThat(bearer(methods, SECRET)).isInstanceOf(Authentication.Accepted.class);
        assertThat(registry.get("millrace.auth.reloads").tag("result", "failed").counter().count())
                .isEqualTo(1);
        assertThatThrownBy(() -> open(AuthenticationMethod.TOKEN))
                .isInstanceOf(EnabledMethods.UnusableFileException.class)
                .hasMessageContaining("millrace.auth-tokens-file")
                .hasMessageContaining("line 1")
                .message()
                .doesNotContain(SECRET);
    }
}
