package io.millrace.security.authentication.methods;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.Authenticator;
import io.millrace.security.authentication.Credentials;
import io.millrace.security.authentication.TokenHash;
import io.millrace.security.authentication.certificate.CertificateAuthenticator;
import io.millrace.security.authentication.oidc.OidcAuthenticator;
import io.millrace.security.authentication.token.TokenAuthenticator;
import io.millrace.security.authentication.token.TokenTable;
import io.millrace.security.file.InvalidFileException;
import io.millrace.security.file.ReloadedFile;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The authenticator of all enabled methods. A bearer token is a static token or a token of the
 * issuer; invalid credentials are never ignored in favour of others. Any thread.
 */
public final class EnabledMethods implements Authenticator, AutoCloseable {

    /** Maximum length of a bearer token, in characters. */
    public static final int MAX_TOKEN_CHARS = 8 << 10;

    private static final String NO_METHOD = "none";

    /**
     * A file that the settings name and that cannot be used.
     *
     * @see #open
     */
    public static final class UnusableFileException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnusableFileException(String setting, Path file, Exception cause) {
            super("%s: %s cannot be used: %s".formatted(setting, file, reason(cause)), cause);
        }

        private static String reason(Exception cause) {
            return cause instanceof InvalidFileException
                    ? String.valueOf(cause.getMessage())
                    : "it cannot be read (" + cause + ").";
        }
    }

    private final String methods;
    private final Optional<CertificateAuthenticator> certificates;
    private final Optional<TokenAuthenticator> tokens;
    private final Optional<OidcAuthenticator> oidc;
    private final Runnable closing;

    EnabledMethods(
            AuthenticationSettings settings,
            Optional<CertificateAuthenticator> certificates,
            Optional<TokenAuthenticator> tokens,
            Optional<OidcAuthenticator> oidc,
            Runnable closing) {
        this.methods = settings.description();
        this.certificates = certificates;
        this.tokens = tokens;
        this.oidc = oidc;
        this.closing = closing;
    }

    /**
     * Reads the files that the settings name. Blocks.
     *
     * @param loop the loop that owns reloads and refreshes
     * @param worker the executor of blocking reads
     * @param clock the wall clock, which expiries are compared with
     * @throws UnusableFileException if a file is missing or invalid
     */
    public static EnabledMethods open(
            AuthenticationSettings settings,
            AuthenticationMeter meter,
            EventLoop loop,
            Executor worker,
            InstantSource clock) {
        Optional<ReloadedFile<TokenTable>> table =
                settings.tokensFile().map(file -> tokens(file, meter, loop, worker));
        Optional<OidcAuthenticator> oidc =
                settings.oidc()
                        .map(issuer -> {
                            try {
                                return OidcAuthenticator.open(
                                        issuer, meter, meter, loop, worker, clock);
                            } catch (IOException | InvalidFileException unusable) {
                                throw new UnusableFileException(
                                        "millrace.oidc-jwks",
                                        Path.of(issuer.keys().orElseThrow().getPath()),
                                        unusable);
                            }
                        });
        oidc.ifPresent(issuer -> meter.watchKeys(issuer::keysAge));
        return new EnabledMethods(
                settings,
                settings.certificateName().map(rule -> new CertificateAuthenticator(rule, clock)),
                table.map(TokenAuthenticator::new),
                oidc,
                () -> {
                    table.ifPresent(ReloadedFile::close);
                    oidc.ifPresent(OidcAuthenticator::close);
                });
    }

    private static ReloadedFile<TokenTable> tokens(
            Path file, AuthenticationMeter meter, EventLoop loop, Executor worker) {
        try {
            return ReloadedFile.open(
                    file, TokenTable.MAX_BYTES, TokenTable::parse, meter, loop, worker);
        } catch (IOException | InvalidFileException unusable) {
            throw new UnusableFileException("millrace.auth-tokens-file", file, unusable);
        }
    }

    /**
     * Returns the authenticator of a port with some of the methods, which ends with this one.
     *
     * @param port the methods of the port, each with the settings of this object
     */
    public Authenticator limitedTo(AuthenticationSettings port) {
        return new EnabledMethods(
                port,
                certificates.filter(enabled -> port.certificateName().isPresent()),
                tokens.filter(enabled -> port.tokensFile().isPresent()),
                oidc.filter(enabled -> port.oidc().isPresent()),
                () -> {});
    }

    @Override
    public long version() {
        return tokens.map(TokenAuthenticator::version).orElse(0L)
                + (oidc.map(OidcAuthenticator::version).orElse(0L) << 32);
    }

    @Override
    public Authentication authenticate(Credentials credentials) {
        return switch (credentials) {
            case Credentials.None none -> missing();
            case Credentials.Certificate(var leaf) -> certificate(leaf);
            case Credentials.Bearer(String token) -> bearer(token);
        };
    }

    private Authentication certificate(X509Certificate leaf) {
        return certificates.isPresent() ? certificates.get().authenticate(leaf) : missing();
    }

    private Authentication bearer(String token) {
        if (tokens.isEmpty() && oidc.isEmpty()) {
            return new Authentication.Rejected(
                    NO_METHOD,
                    new Problem(
                            Reason.UNAUTHENTICATED,
                            "The call has a bearer token, but this cluster authenticates by %s only, so the call was not executed: connect without a token."
                                    .formatted(methods)));
        }
        if (token.length() > MAX_TOKEN_CHARS) {
            return Authentication.rejected(
                    tokens.isPresent() ? AuthenticationMethod.TOKEN : AuthenticationMethod.OIDC,
                    "The token has more than %,d characters, so the call was not executed: use a shorter token."
                            .formatted(MAX_TOKEN_CHARS));
        }
        TokenHash hash = TokenHash.of(token);
        Optional<Principal> known = tokens.flatMap(table -> table.principal(hash));
        if (known.isPresent()) {
            return new Authentication.Accepted(
                    AuthenticationMethod.TOKEN, known.get(), Caller.NEVER);
        }
        if (oidc.isPresent() && (tokens.isEmpty() || OidcAuthenticator.isCandidate(token))) {
            return oidc.get().authenticate(token, hash);
        }
        return Authentication.rejected(
                AuthenticationMethod.TOKEN,
                "The token is unknown to the node, so the call was not executed: use a token of millrace.auth-tokens-file. A node reads a changed file within %d s."
                        .formatted(ReloadedFile.CHECK_INTERVAL.toSeconds()));
    }

    private Authentication missing() {
        return new Authentication.Rejected(
                NO_METHOD,
                new Problem(
                        Reason.UNAUTHENTICATED,
                        "The call has no credentials, so it was not executed: this cluster authenticates by %s. Send a token in the header \"authorization: Bearer TOKEN\" (--token-file), or connect with a client certificate."
                                .formatted(methods)));
    }

    /** Ends reloads and refreshes. */
    @Override
    public void close() {
        closing.run();
    }
}
