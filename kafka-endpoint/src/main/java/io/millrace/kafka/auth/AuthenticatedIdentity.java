package io.millrace.kafka.auth;

import io.millrace.kafka.connection.ClientIdentity;
import io.millrace.kafka.connection.SaslExchange;
import io.millrace.protocol.error.Problem;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.Credentials;
import io.millrace.security.principal.Caller;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a client that authenticates. The result is used until the credentials expire or
 * the authenticator's version changes, after which the same credentials are checked again. Owned by
 * the event loop of the connection.
 */
final class AuthenticatedIdentity implements ClientIdentity, SaslExchange {

    private static final String API = "Kafka/";

    private final ClientIdentities clients;
    private final String host;
    private Credentials credentials;
    private Optional<Caller> caller = Optional.empty();
    private long version;
    private @Nullable SaslMechanism mechanism;

    /**
     * @param certificate the credentials of the connection
     */
    AuthenticatedIdentity(ClientIdentities clients, String host, Credentials certificate) {
        this.clients = clients;
        this.host = host;
        this.credentials = certificate;
        if (!(certificate instanceof Credentials.None)) {
            version = clients.authenticator().version();
            accept(clients.authenticator().authenticate(certificate));
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
            } else if (version != clients.authenticator().version()) {
                version = clients.authenticator().version();
                accept(clients.authenticator().authenticate(credentials));
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
        if (clients.authenticator().authenticate(credentials)
                instanceof Authentication.Rejected(String method, Problem problem)) {
            clients.listener().rejected(method, host, API + api, problem);
        }
    }

    @Override
    public List<String> mechanisms() {
        return clients.mechanisms().stream().map(SaslMechanism::wireName).toList();
    }

    @Override
    public boolean begin(String name) {
        mechanism =
                clients.mechanisms().stream()
                        .filter(offered -> offered.wireName().equals(name))
                        .findFirst()
                        .orElse(null);
        return mechanism != null;
    }

    @Override
    public Step step(byte[] message) {
        SaslMechanism begun = mechanism;
        if (begun == null) {
            return new Step.NotBegun();
        }
        mechanism = null;
        Optional<String> token = begun.tokenIn(new String(message, StandardCharsets.UTF_8));
        if (token.isEmpty()) {
            return reject(
                    Authentication.rejected(
                            begun.method(),
                            "The message is not one of %s, so the client is not authenticated."
                                    .formatted(begun.wireName())));
        }
        long before = clients.authenticator().version();
        Credentials presented = new Credentials.Bearer(token.get());
        return switch (clients.authenticator().authenticate(presented)) {
            case Authentication.Rejected rejected -> reject(rejected);
            case Authentication.Accepted accepted -> accept(presented, before, accepted);
        };
    }

    private Step accept(Credentials presented, long before, Authentication.Accepted accepted) {
        if (caller.isPresent() && !caller.get().principal().equals(accepted.principal())) {
            return reject(
                    Authentication.rejected(
                            accepted.method(),
                            "A connection keeps its principal, %s, so the client is not authenticated: open another connection."
                                    .formatted(caller.get().principal().text())));
        }
        credentials = presented;
        version = before;
        accept(accepted);
        return new Step.Accepted(
                new byte[0],
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
