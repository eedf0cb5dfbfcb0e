package io.millrace.server.grpc.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.Authenticator;
import io.millrace.security.authentication.Credentials;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CallAuthenticationTest {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SERVICE = "millrace.v1.Admin";
    private static final long EXPIRES_MS = 100_000;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final InstantSource clock = () -> Instant.EPOCH.plusNanos(loop.nanoTime());
    private final List<Credentials> checked = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final List<Caller> handled = new ArrayList<>();
    private long version;

    private final Authenticator authenticator =
            new Authenticator() {
                @Override
                public Authentication authenticate(Credentials credentials) {
                    checked.add(credentials);
                    return credentials instanceof Credentials.Bearer(String token)
                                    && !token.equals("bad")
                            ? new Authentication.Accepted(
                                    AuthenticationMethod.TOKEN, Principal.user(token), EXPIRES_MS)
                            : new Authentication.Rejected(
                                    "none", new Problem(Reason.UNAUTHENTICATED, "Unknown."));
                }

                @Override
                public long version() {
                    return version;
                }
            };

    private final AuthenticationListener listener =
            new AuthenticationListener() {
                @Override
                public void accepted(AuthenticationMethod method, Caller caller) {
                    events.add("accepted " + caller.principal().text());
                }

                @Override
                public void rejected(String method, String host, String target, Problem problem) {
                    events.add("rejected %s of %s".formatted(target, host));
                }
            };

    private final CallAuthentication authentication =
            new CallAuthentication(authenticator, listener, Set.of("open.Service"), clock);
    private final CallExpiry expiry = new CallExpiry(loop, clock, AuditLog.NONE);

    private final Attributes connection =
            authentication.transportReady(
                    Attributes.newBuilder()
                            .set(
                                    Grpc.TRANSPORT_ATTR_REMOTE_ADDR,
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 7))
                            .build());

    private RecordedCall call(@Nullable String authorization) {
        return call(authorization, SERVICE, MethodType.BIDI_STREAMING);
    }

    private RecordedCall call(@Nullable String authorization, String service, MethodType type) {
        RecordedCall call = new RecordedCall(connection, service, type);
        Metadata headers = new Metadata();
        if (authorization != null) {
            headers.put(AUTHORIZATION, authorization);
        }
        var unused =
                authentication.interceptCall(
                        call,
                        headers,
                        (first, its) ->
                                expiry.interceptCall(
                                        first,
                                        its,
                                        (second, same) -> {
                                            handled.add(CallerContext.of(second));
                                            return new ServerCall.Listener<>() {};
                                        }));
        loop.runReady();
        return call;
    }

    @Test
    void aHandlerReceivesTheCaller() {
        call("Bearer alice");
        assertThat(handled)
                .containsExactly(new Caller(Principal.user("alice"), "127.0.0.1", EXPIRES_MS));
        assertThat(events).containsExactly("accepted User:alice");
    }

    @Test
    void aRejectedCallNeverReachesItsHandler() {
        for (String authorization : new @Nullable String[] {null, "Bearer bad", "Basic abc", ""}) {
            RecordedCall call = call(authorization);
            assertThat(call.status)
                    .extracting(Status::getCode)
                    .isEqualTo(Status.Code.UNAUTHENTICATED);
        }
        assertThat(handled).isEmpty();
        assertThat(events).hasSize(4).containsOnly("rejected millrace.v1.Admin/M of 127.0.0.1");
    }

    @Test
    void anOpenServiceNeedsNoCredentials() {
        call(null, "open.Service", MethodType.UNARY);
        assertThat(handled).hasSize(1);
        assertThat(checked).isEmpty();
    }

    @Test
    void theResultIsReusedOnTheConnectionUntilItMayHaveChanged() {
        call("Bearer alice");
        call("Bearer alice");
        assertThat(checked).hasSize(1);
        call("Bearer bob");
        assertThat(checked).hasSize(2);
        assertThat(handled.getLast().principal()).isEqualTo(Principal.user("bob"));
        version++;
        call("Bearer bob");
        assertThat(checked).hasSize(3);
        loop.advance(Duration.ofMillis(EXPIRES_MS));
        call("Bearer bob");
        assertThat(checked).hasSize(4);
    }

    @Test
    void aStreamEndsWhenTheCredentialsExpire() {
        RecordedCall stream = call("Bearer alice");
        RecordedCall unary = call("Bearer alice", SERVICE, MethodType.UNARY);
        loop.advance(Duration.ofMillis(EXPIRES_MS - 1));
        assertThat(stream.status).isNull();
        loop.advance(Duration.ofMillis(1));
        assertThat(stream.problem)
                .extracting(Problem::reason)
                .isEqualTo(Reason.CREDENTIALS_EXPIRED);
        assertThat(stream.problem)
                .extracting(Problem::message)
                .asString()
                .contains("token expired");
        assertThat(unary.status).isNull();
    }

    @Test
    void aUnaryRequestAfterTheExpiryNeverReachesItsHandler() {
        RecordedCall call = new RecordedCall(connection, SERVICE, MethodType.UNARY);
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer alice");
        List<String> received = new ArrayList<>();
        ServerCall.Listener<String> listener =
                authentication.interceptCall(
                        call,
                        headers,
                        (first, its) ->
                                expiry.interceptCall(
                                        first,
                                        its,
                                        (second, same) ->
                                                new ServerCall.Listener<>() {
                                                    @Override
                                                    public void onMessage(String message) {
                                                        received.add(message);
                                                    }

                                                    @Override
                                                    public void onHalfClose() {
                                                        received.add("the end");
                                                    }
                                                }));
        loop.advance(Duration.ofMillis(EXPIRES_MS));
        listener.onMessage("late");
        listener.onHalfClose();
        loop.runReady();
        assertThat(received).isEmpty();
        assertThat(call.problem).extracting(Problem::reason).isEqualTo(Reason.CREDENTIALS_EXPIRED);
    }

    @Test
    void aCallWithoutAuthenticationIsAnonymous() {
        Caller caller = CallerContext.of(new RecordedCall(connection, SERVICE, MethodType.UNARY));
        assertThat(caller).isEqualTo(Caller.anonymous("127.0.0.1"));
    }
}
