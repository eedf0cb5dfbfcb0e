package io.millrace.security.authentication.oidc;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.TokenHash;
import io.millrace.security.file.InvalidFileException;
import io.millrace.security.file.ReloadedFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Authenticates bearers of tokens that a trusted issuer has signed. Remembers up to 10,000 valid
 * tokens by their hashes, so that a repeated token costs no signature check. Any thread.
 */
public final class OidcAuthenticator implements AutoCloseable {

    private static final int MAX_CACHED = 10_000;

    private record Cached(Authentication.Accepted accepted, long version) {}

    private final TokenValidator validator;
    private final IssuerKeys keys;
    private final InstantSource clock;
    private final Map<TokenHash, Cached> cache = new ConcurrentHashMap<>();

    OidcAuthenticator(OidcSettings settings, IssuerKeys keys, InstantSource clock) {
        this.validator = new TokenValidator(settings);
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * Opens an authenticator. Keys in a file are read at once; keys of a server are downloaded in
     * the background, and until then tokens are rejected as unverifiable.
     *
     * @param loop the loop that owns the refreshes
     * @param worker the executor of blocking reads
     * @throws IOException if the key file cannot be read
     * @throws InvalidFileException if the key file is invalid
     */
    public static OidcAuthenticator open(
            OidcSettings settings,
            KeyObserver observer,
            ReloadedFile.Observer files,
            EventLoop loop,
            Executor worker,
            InstantSource clock)
            throws IOException, InvalidFileException {
        return new OidcAuthenticator(
                settings, keys(settings, observer, files, loop, worker), clock);
    }

    private static IssuerKeys keys(
            OidcSettings settings,
            KeyObserver observer,
            ReloadedFile.Observer files,
            EventLoop loop,
            Executor worker)
            throws IOException, InvalidFileException {
        Optional<URI> address = settings.keys();
        if (address.isPresent() && "file".equalsIgnoreCase(address.get().getScheme())) {
            return new FileKeys(
                    ReloadedFile.open(
                            Path.of(address.get().getPath()),
                            KeySet.MAX_BYTES,
                            KeySet::parse,
                            files,
                            loop,
                            worker));
        }
        RefreshedKeys refreshed =
                new RefreshedKeys(
                        settings.issuer(),
                        new KeyDownload(settings, worker, KeyDownload.TIMEOUT)::start,
                        observer,
                        loop);
        refreshed.start();
        return refreshed;
    }

    /** Returns whether a token has the form of the tokens of issuers. */
    public static boolean isCandidate(String token) {
        return TokenValidator.isSigned(token);
    }

    /** Returns the age of downloaded keys; zero for keys in a file; empty without keys. */
    public Optional<Duration> keysAge() {
        return keys instanceof RefreshedKeys refreshed
                ? refreshed.age()
                : Optional.of(Duration.ZERO);
    }

    /** Returns a number that changes with the keys. */
    public long version() {
        return keys.version();
    }

    public Authentication authenticate(String token, TokenHash hash) {
        long version = keys.version();
        long nowMs = clock.millis();
        Cached cached = cache.get(hash);
        if (cached != null && cached.version() == version) {
            return nowMs < cached.accepted().expiresMs() ? cached.accepted() : expired(hash);
        }
        Optional<KeySet> current = keys.current();
        if (current.isEmpty()) {
            return unverifiable(
                    "The node has no current keys of the token's issuer, because they cannot be downloaded, so the call was not executed: retry, and see the node's log for the cause.");
        }
        return switch (validator.validate(token, current.get(), nowMs)) {
            case TokenResult.Valid(var principal, long expiresMs) -> {
                Authentication.Accepted accepted =
                        new Authentication.Accepted(
                                AuthenticationMethod.OIDC, principal, expiresMs);
                remember(hash, new Cached(accepted, version));
                yield accepted;
            }
            case TokenResult.UnknownKey(String id) ->
                    keys.mayAppear(id)
                            ? unverifiable(
                                    "The token names a key that the node does not know yet, so the call was not executed: retry within a minute, when the node has downloaded the issuer's keys again.")
                            : rejected("was signed with a key that its issuer does not publish");
            case TokenResult.Expired expired -> expired(hash);
            case TokenResult.Invalid(String why) -> rejected(why);
        };
    }

    private void remember(TokenHash hash, Cached accepted) {
        if (cache.size() >= MAX_CACHED) {
            // Most are of tokens that have expired.
            cache.clear();
        }
        cache.put(hash, accepted);
    }

    private Authentication expired(TokenHash hash) {
        cache.remove(hash);
        return new Authentication.Rejected(
                AuthenticationMethod.OIDC.label(),
                new Problem(
                        Reason.CREDENTIALS_EXPIRED,
                        "The call was not executed: token expired. Repeat the call with a new token of the issuer."));
    }

    private static Authentication unverifiable(String message) {
        return new Authentication.Rejected(
                AuthenticationMethod.OIDC.label(),
                new Problem(Reason.CREDENTIALS_UNVERIFIABLE, message));
    }

    private static Authentication rejected(String why) {
        return Authentication.rejected(
                AuthenticationMethod.OIDC,
                "The token %s, so the call was not executed: use a token that the issuer of millrace.oidc-issuer has signed for this cluster."
                        .formatted(why));
    }

    @Override
    public void close() {
        keys.close();
    }
}
