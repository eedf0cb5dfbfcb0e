package io.millrace.kafka.auth;

import io.millrace.kafka.connection.ClientIdentity;
import io.millrace.kafka.connection.SaslExchange;
import io.millrace.protocol.error.Problem;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.Credentials;
import io.millrace.security.principal.Caller;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a client that authenticates. The result is used until the credentials expire or
 * may have become invalid, after which they are checked again. Owned by the event loop of the
 * connection.
 */
final class AuthenticatedIdentity implements ClientIdentity, SaslExchange {

    private static final String API = "Kafka/";

    private final ClientIdentities clients;
    private final String host;
    private CheckedCredentials credentials;
    private Optional<Caller> caller = Optional.empty();
    private @Nullable MechanismExchange exchange;
    private boolean bareTokens;

    /**
     * @param certificate the credentials of the connection
     */
    AuthenticatedIdentity(ClientIdentities clients, String host, Credentials certificate) {
        this.clients = clients;
        this.host = host;
        this.credentials = new PresentedCredentials(clients.authenticator(), certificate);
        if (!(certificate instanceof Credentials.None)) {
            accept(credentials.check());
        }
    }

    private void accept(Authentication result) {
        switch (result) {
            case Authentication.Accepted(var method, var principal, long expiresMs) -> {
                Caller accepted = new Caller(principal, host, expiresMs);
                if (caller.isEmpty()) {
                    clients.listener().accepted(method, accepted);
                }
                caller = Optional.of(accepted);
            }
            case Authentication.Rejected rejected -> caller = Optional.empty();
        }
    }

    @Override
    public Optional<Caller> caller() {
        if (caller.isPresent()) {
            if (isExpired(caller.get())) {
                caller = Optional.empty();
            } else if (credentials.isOutdated()) {
                accept(credentials.check());
            }
        }
        return caller;
    }

    private boolean isExpired(Caller known) {
        return known.expiresMs() != Caller.NEVER && clients.clock().millis() >= known.expiresMs();
    }

    @Override
    public Optional<SaslExchange> sasl() {
        return clients.mechanisms().isEmpty() ? Optional.empty() : Optional.of(this);
    }

    @Override
    public void refused(String api) {
        if (credentials.check()
                instanceof Authentication.Rejected(String method, Problem problem)) {
            clients.listener().rejected(method, host, API + api, problem);
        }
    }

    @Override
    public List<String> mechanisms() {
        return clients.mechanisms().stream().map(SaslMechanism::wireName).toList();
    }

    @Override
    public boolean begin(String name, boolean asBareTokens) {
        exchange =
                clients.mechanisms().stream()
                        .filter(offered -> offered.wireName().equals(name))
                        .findFirst()
                        .map(offered -> offered.begin(clients))
                        .orElse(null);
        bareTokens = asBareTokens;
        return exchange != null;
    }

    @Override
    public boolean expectsBareToken() {
        return exchange != null && bareTokens;
    }

    @Override
    public Step step(byte[] message) {
        MechanismExchange begun = exchange;
        if (begun == null) {
            return new Step.NotBegun();
        }
        exchange = null;
        return switch (begun.next(message)) {
            case MechanismExchange.Result.Challenge(byte[] challenge) -> {
                exchange = begun;
                yield new Step.Continued(challenge);
            }
            case MechanismExchange.Result.Refused(var why) -> reject(why);
            case MechanismExchange.Result.Proven proven -> accept(proven);
        };
    }

    private Step accept(MechanismExchange.Result.Proven proven) {
        Authentication.Accepted accepted = proven.accepted();
        if (caller.isPresent() && !caller.get().principal().equals(accepted.principal())) {
            return reject(
                    Authentication.rejected(
                            accepted.method(),
                            "A connection keeps its principal, %s, so the client is not authenticated: open another connection."
                                    .formatted(caller.get().principal().text())));
        }
        credentials = proven.credentials();
        accept(accepted);
        return new Step.Accepted(
                proven.message(),
                accepted.expiresMs() == Caller.NEVER
                        ? 0
                        : Math.max(1, accepted.expiresMs() - clients.clock().millis()));
    }

    private Step reject(Authentication.Rejected rejected) {
        clients.listener()
                .rejected(rejected.method(), host, API + "SaslAuthenticate", rejected.problem());
        return new Step.Rejected(rejected.problem().message());
    }
}
