package io.millrace.kafka.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.ConnectionLimits;
import io.millrace.kafka.connection.EmbeddedClient;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.protocol.error.Problem;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.Authenticator;
import io.millrace.security.authentication.Credentials;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaslTest {

    private static final int LIST_VERSION = 5;

    /** Tokens with their principals, which a test may change. */
    private static final class Tokens implements Authenticator {

        private final Map<String, Authentication.Accepted> known = new HashMap<>();
        private long version;

        void set(String token, String user, long expiresMs) {
            known.put(
                    token,
                    new Authentication.Accepted(
                            AuthenticationMethod.TOKEN, Principal.user(user), expiresMs));
            version++;
        }

        void remove(String token) {
            known.remove(token);
            version++;
        }

        @Override
        public Authentication authenticate(Credentials credentials) {
            return credentials instanceof Credentials.Bearer(String token)
                            && known.containsKey(token)
                    ? known.get(token)
                    : Authentication.rejected(AuthenticationMethod.TOKEN, "unknown token");
        }

        @Override
        public long version() {
            return version;
        }
    }

    /** Records the principals of requests. */
    private static final class Callers
            implements ApiHandler<ListGroupsRequestData, ListGroupsResponseData> {

        private final List<String> principals = new ArrayList<>();

        @Override
        public ApiKeys api() {
            return ApiKeys.LIST_GROUPS;
        }

        @Override
        public CompletableFuture<ListGroupsResponseData> handle(
                RequestContext context, ListGroupsRequestData request) {
            principals.add(context.caller().principal().text());
            return CompletableFuture.completedFuture(new ListGroupsResponseData());
        }
    }

    private final Tokens tokens = new Tokens();
    private final Callers callers = new Callers();
    private final List<String> rejected = new ArrayList<>();
    private long nowMs = 1_000;

    private EmbeddedClient connect() {
        AuthenticationListener listener =
                new AuthenticationListener() {
                    @Override
                    public void accepted(AuthenticationMethod method, Caller caller) {}

                    @Override
                    public void rejected(
                            String method, String host, String target, Problem problem) {
                        rejected.add(target);
                    }
                };
        return EmbeddedClient.of(
                new ClientIdentities(
                        tokens,
                        listener,
                        List.of(SaslMechanism.PLAIN, SaslMechanism.OAUTHBEARER),
                        Optional.empty(),
                        () -> Instant.ofEpochMilli(nowMs)),
                ConnectionLimits.STANDARD,
                callers,
                new SaslHandshakeHandler(),
                new SaslAuthenticateHandler());
    }

    private static SaslHandshakeResponseData begin(EmbeddedClient client, String mechanism) {
        return begin(client, 1, mechanism);
    }

    private static SaslHandshakeResponseData begin(
            EmbeddedClient client, int version, String mechanism) {
        return client.call(
                ApiKeys.SASL_HANDSHAKE,
                version,
                new SaslHandshakeRequestData().setMechanism(mechanism),
                SaslHandshakeResponseData.class);
    }

    private static SaslAuthenticateResponseData authenticate(EmbeddedClient client, String text) {
        return client.call(
                ApiKeys.SASL_AUTHENTICATE,
                2,
                new SaslAuthenticateRequestData()
                        .setAuthBytes(text.getBytes(StandardCharsets.UTF_8)),
                SaslAuthenticateResponseData.class);
    }

    private static void list(EmbeddedClient client) {
        client.send(ApiKeys.LIST_GROUPS, LIST_VERSION, new ListGroupsRequestData());
        var unused = client.receive(ApiKeys.LIST_GROUPS, LIST_VERSION);
    }

    @Test
    void thePrincipalIsThatOfTheToken() {
        tokens.set("secret", "alice", Caller.NEVER);
        try (EmbeddedClient client = connect()) {
            assertThat(begin(client, "PLAIN").mechanisms()).containsExactly("PLAIN", "OAUTHBEARER");
            assertThat(authenticate(client, "\0any\0secret").errorCode()).isZero();
            list(client);
            assertThat(callers.principals).containsExactly("User:alice");
        }
    }

    @Test
    void oauthbearerCarriesATokenThatExpires() {
        tokens.set("a.b-c", "alice", 5_000);
        try (EmbeddedClient client = connect()) {
            begin(client, "OAUTHBEARER");
            assertThat(authenticate(client, "n,,\1auth=Bearer a.b-c\1\1").sessionLifetimeMs())
                    .isEqualTo(4_000);
            list(client);
            nowMs = 5_000;
            list(client);
            assertThat(callers.principals).hasSize(1);
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @Test
    void aClientAuthenticatesAgainBeforeItsTokenExpires() {
        tokens.set("old", "alice", 5_000);
        tokens.set("new", "alice", 9_000);
        tokens.set("other", "bob", 9_000);
        try (EmbeddedClient client = connect()) {
            begin(client, "PLAIN");
            authenticate(client, "\0u\0old");
            begin(client, "PLAIN");
            assertThat(authenticate(client, "\0u\0new").errorCode()).isZero();
            nowMs = 6_000;
            list(client);
            assertThat(callers.principals).containsExactly("User:alice");
            begin(client, "PLAIN");
            assertThat(authenticate(client, "\0u\0other").errorCode())
                    .as("another principal on the connection")
                    .isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @Test
    void aRemovedTokenEndsTheConnection() {
        tokens.set("secret", "alice", Caller.NEVER);
        try (EmbeddedClient client = connect()) {
            begin(client, "PLAIN");
            authenticate(client, "\0u\0secret");
            tokens.remove("secret");
            list(client);
            assertThat(callers.principals).isEmpty();
            assertThat(client.channel().isOpen()).isFalse();
            assertThat(rejected).containsExactly("Kafka/ListGroups");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0u\0wrong", "", "\0u\0", "\0\0secret", "other\0u\0secret", "secret"})
    void aWrongPasswordIsAnsweredThenTheConnectionIsClosed(String message) {
        tokens.set("secret", "alice", Caller.NEVER);
        try (EmbeddedClient client = connect()) {
            begin(client, "PLAIN");
            SaslAuthenticateResponseData answer = authenticate(client, message);
            assertThat(answer.errorCode()).isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
            assertThat(answer.errorMessage()).isNotEmpty();
            assertThat(client.channel().isOpen()).isFalse();
            assertThat(rejected).containsExactly("Kafka/SaslAuthenticate");
        }
    }

    @Test
    void anUnknownMechanismIsAnsweredWithTheOfferedOnes() {
        try (EmbeddedClient client = connect()) {
            SaslHandshakeResponseData answer = begin(client, "GSSAPI");
            assertThat(answer.errorCode()).isEqualTo(Errors.UNSUPPORTED_SASL_MECHANISM.code());
            assertThat(answer.mechanisms()).contains("PLAIN");
            assertThat(client.channel().isOpen()).isTrue();
        }
    }

    @Test
    void authenticationNeedsAMechanism() {
        try (EmbeddedClient client = connect()) {
            assertThat(authenticate(client, "\0u\0secret").errorCode())
                    .isEqualTo(Errors.ILLEGAL_SASL_STATE.code());
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @Test
    void withoutAuthenticationSaslIsOutOfTurnAndTheConnectionStaysOpen() {
        try (EmbeddedClient client =
                EmbeddedClient.of(
                        callers, new SaslHandshakeHandler(), new SaslAuthenticateHandler())) {
            assertThat(begin(client, "PLAIN").errorCode())
                    .isEqualTo(Errors.ILLEGAL_SASL_STATE.code());
            assertThat(authenticate(client, "\0u\0secret").errorCode())
                    .isEqualTo(Errors.ILLEGAL_SASL_STATE.code());
            list(client);
            assertThat(callers.principals).hasSize(1);
        }
    }

    @Test
    void anAuthenticatedClientMaySendATokenOutOfTurn() {
        tokens.set("secret", "alice", Caller.NEVER);
        try (EmbeddedClient client = connect()) {
            begin(client, "PLAIN");
            authenticate(client, "\0u\0secret");
            assertThat(authenticate(client, "\0u\0secret").errorCode())
                    .isEqualTo(Errors.ILLEGAL_SASL_STATE.code());
            list(client);
            assertThat(callers.principals).containsExactly("User:alice");
        }
    }

    private static ByteBuf frame(String token) {
        byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
        return Unpooled.buffer().writeInt(bytes.length).writeBytes(bytes);
    }

    @Test
    void afterVersion0OfTheHandshakeTokensAreFrames() {
        tokens.set("secret", "alice", Caller.NEVER);
        try (EmbeddedClient client = connect()) {
            assertThat(begin(client, 0, "PLAIN").errorCode()).isZero();
            client.channel().writeInbound(frame("\0u\0secret"));
            assertThat(client.receiveFrame()).hasValue(new byte[0]);
            list(client);
            assertThat(callers.principals).containsExactly("User:alice");
        }
    }

    @Test
    void aTokenMayFollowTheHandshakeAtOnce() {
        tokens.set("secret", "alice", Caller.NEVER);
        try (EmbeddedClient client = connect()) {
            client.channel()
                    .writeInbound(
                            Unpooled.wrappedBuffer(
                                    client.frame(
                                            ApiKeys.SASL_HANDSHAKE,
                                            0,
                                            new SaslHandshakeRequestData().setMechanism("PLAIN")),
                                    frame("\0u\0secret")));
            assertThat(client.receive(ApiKeys.SASL_HANDSHAKE, 0)).isPresent();
            assertThat(client.receiveFrame()).hasValue(new byte[0]);
        }
    }

    @Test
    void aWrongTokenInAFrameClosesTheConnectionWithoutAnAnswer() {
        try (EmbeddedClient client = connect()) {
            begin(client, 0, "PLAIN");
            client.channel().writeInbound(frame("\0u\0wrong"));
            assertThat(client.receiveFrame()).isEmpty();
            assertThat(client.channel().isOpen()).isFalse();
            assertThat(rejected).containsExactly("Kafka/SaslAuthenticate");
        }
    }

    @Test
    void anUnknownMechanismOfVersion0IsFollowedByRequests() {
        tokens.set("secret", "alice", Caller.NEVER);
        try (EmbeddedClient client = connect()) {
            assertThat(begin(client, 0, "GSSAPI").errorCode())
                    .isEqualTo(Errors.UNSUPPORTED_SASL_MECHANISM.code());
            begin(client, 1, "PLAIN");
            assertThat(authenticate(client, "\0u\0secret").errorCode()).isZero();
        }
    }
}
