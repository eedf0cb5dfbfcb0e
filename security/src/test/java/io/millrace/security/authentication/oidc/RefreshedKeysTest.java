package io.millrace.security.authentication.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.TokenHash;
import io.millrace.security.principal.Principal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An authenticator whose keys come from a server that may be unavailable, in virtual time. */
class RefreshedKeysTest {

    private static final TestIssuer OLD = new TestIssuer();
    private static final TestIssuer NEW = new TestIssuer();
    private static final long NOW_S = 2_000_000_000L;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final List<String> events = new ArrayList<>();
    private final InstantSource clock =
            () -> Instant.ofEpochSecond(NOW_S).plusNanos(loop.nanoTime());

    /** The key set that the server publishes; empty while the server is unavailable. */
    private Optional<String> published = Optional.of(OLD.keySet());

    private int downloads;

    private final RefreshedKeys keys =
            new RefreshedKeys(TestIssuer.ISSUER, this::download, new Recorder(), loop);
    private final OidcAuthenticator authenticator =
            new OidcAuthenticator(
                    new OidcSettings(
                            TestIssuer.ISSUER,
                            Set.of(TestIssuer.AUDIENCE),
                            Optional.empty(),
                            "sub"),
                    keys,
                    clock);

    private CompletableFuture<KeySet> download() {
        downloads++;
        return published
                .map(json -> CompletableFuture.completedFuture(TestIssuer.parsed(json)))
                .orElseGet(() -> CompletableFuture.failedFuture(new IOException("refused")));
    }

    private final class Recorder implements KeyObserver {
        @Override
        public void refreshed(String issuer, int count) {
            events.add("refreshed");
        }

        @Override
        public void failed(String issuer, String reason, Optional<Duration> age) {
            events.add("failed: " + reason);
        }
    }

    @BeforeEach
    void newKeysHaveOtherIds() {
        NEW.rsa.setKeyId("new");
    }

    private Authentication authenticate(TestIssuer issuer) {
        return authenticate(issuer.token("alice", 4_000_000_000L));
    }

    private Authentication authenticate(String token) {
        return authenticator.authenticate(token, TokenHash.of(token));
    }

    private static void assertAccepted(Authentication result) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Authentication.Accepted.class,
                        accepted ->
                                assertThat(accepted.principal())
                                        .isEqualTo(Principal.user("alice")));
    }

    private static void assertRejected(Authentication result, Reason reason) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Authentication.Rejected.class,
                        rejected -> assertThat(rejected.problem().reason()).isEqualTo(reason));
    }

    private void start() {
        keys.start();
        loop.runReady();
    }

    @Test
    void tokensAreUnverifiableUntilTheKeysAreDownloaded() {
        published = Optional.empty();
        start();
        assertRejected(authenticate(OLD), Reason.CREDENTIALS_UNVERIFIABLE);
        assertThat(events).containsExactly("failed: refused");
        published = Optional.of(OLD.keySet());
        loop.advance(Duration.ofSeconds(1));
        assertAccepted(authenticate(OLD));
    }

    @Test
    void anUnknownKeyIsDownloadedAtMostOnceAMinute() {
        start();
        loop.advance(Duration.ofSeconds(10));
        published = Optional.of(NEW.keySet());
        for (int i = 0; i < 100; i++) {
            assertRejected(authenticate(NEW), Reason.CREDENTIALS_UNVERIFIABLE);
            loop.runReady();
        }
        assertThat(downloads).isEqualTo(1);
        loop.advance(RefreshedKeys.MIN_INTERVAL);
        assertThat(downloads).isEqualTo(2);
        assertAccepted(authenticate(NEW));
    }

    @Test
    void anUnknownKeyDoesNotPostponeTheRetryOfAFailedRefresh() {
        start();
        published = Optional.empty();
        loop.advance(RefreshedKeys.REFRESH_INTERVAL);
        assertThat(downloads).isEqualTo(2);
        published = Optional.of(NEW.keySet());
        assertRejected(authenticate(NEW), Reason.CREDENTIALS_UNVERIFIABLE);
        loop.runReady();
        loop.advance(Duration.ofSeconds(1));
        assertAccepted(authenticate(NEW));
    }

    @Test
    void aKeyThatIsStillUnknownAfterTheRefreshIsRejectedForGood() {
        start();
        loop.advance(RefreshedKeys.MIN_INTERVAL);
        assertRejected(authenticate(NEW), Reason.CREDENTIALS_UNVERIFIABLE);
        loop.runReady();
        assertThat(downloads).isEqualTo(2);
        assertRejected(authenticate(NEW), Reason.UNAUTHENTICATED);
        loop.advance(RefreshedKeys.MIN_INTERVAL.multipliedBy(2));
        assertThat(downloads).isEqualTo(2);
    }

    @Test
    void tokensOfARemovedKeyAreRejectedAfterTheRefresh() {
        start();
        assertAccepted(authenticate(OLD));
        long version = authenticator.version();
        published = Optional.of(NEW.keySet());
        loop.advance(RefreshedKeys.REFRESH_INTERVAL);
        assertThat(authenticator.version()).isNotEqualTo(version);
        assertThat(authenticate(OLD)).isInstanceOf(Authentication.Rejected.class);
    }

    @Test
    void anUnchangedKeySetKeepsItsVersion() {
        start();
        long version = authenticator.version();
        loop.advance(RefreshedKeys.REFRESH_INTERVAL.multipliedBy(3));
        assertThat(downloads).isEqualTo(4);
        assertThat(authenticator.version()).isEqualTo(version);
    }

    @Test
    void knownKeysAreUsedForADayWhileTheServerIsUnavailable() {
        start();
        published = Optional.empty();
        String cached = OLD.token("alice", 4_000_000_000L);
        assertAccepted(authenticate(cached));
        loop.advance(RefreshedKeys.MAX_AGE);
        assertAccepted(authenticate(cached));
        assertAccepted(authenticate(OLD.token("alice", 4_000_000_001L)));
        loop.advance(Duration.ofMinutes(1));
        assertRejected(authenticate(cached), Reason.CREDENTIALS_UNVERIFIABLE);
        published = Optional.of(OLD.keySet());
        loop.advance(RefreshedKeys.MIN_INTERVAL);
        assertAccepted(authenticate(cached));
    }

    @Test
    void aKnownTokenExpires() {
        start();
        String token = OLD.token("alice", NOW_S + 10);
        assertAccepted(authenticate(token));
        loop.advance(Duration.ofSeconds(10 + TokenValidator.CLOCK_SKEW_SECONDS).minusNanos(1));
        assertAccepted(authenticate(token));
        loop.advance(Duration.ofNanos(1));
        assertRejected(authenticate(token), Reason.CREDENTIALS_EXPIRED);
        assertRejected(authenticate(token), Reason.CREDENTIALS_EXPIRED);
    }
}
