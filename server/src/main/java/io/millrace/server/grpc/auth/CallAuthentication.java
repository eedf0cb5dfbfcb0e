package io.millrace.server.grpc.auth;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.Authenticator;
import io.millrace.security.authentication.Credentials;
import io.millrace.security.principal.Caller;
import io.millrace.server.grpc.call.GrpcErrors;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the calls of clients by the bearer token in the {@code authorization} header, else
 * by the client certificate of the connection. Runs before all other interceptors, so that a
 * rejected call takes no memory and no share of a limit. The latest result of each connection is
 * reused. Any thread.
 */
public final class CallAuthentication extends ServerTransportFilter implements ServerInterceptor {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final String SCHEME = "Bearer ";

    private static final Attributes.Key<AtomicReference<KnownCaller>> KNOWN =
            Attributes.Key.create("millrace-known-caller");

    private static final Problem NOT_BEARER =
            new Problem(
                    Reason.UNAUTHENTICATED,
                    "The header \"authorization\" does not have the form \"Bearer TOKEN\", so the call was not executed: send a token, or no such header.");

    /**
     * The latest authenticated caller of a connection.
     *
     * @param authorization the header; null for a client certificate
     * @param version the version of the authenticator before the authentication
     * @param attributes the attributes of calls
     */
    private record KnownCaller(
            @Nullable String authorization, long version, Caller caller, Attributes attributes) {}

    private final Authenticator authenticator;
    private final AuthenticationListener listener;
    private final Set<String> openServices;
    private final InstantSource clock;

    /**
     * @param openServices the full names of services whose calls are not authenticated here
     */
    public CallAuthentication(
            Authenticator authenticator,
            AuthenticationListener listener,
            Set<String> openServices,
            InstantSource clock) {
        this.authenticator = authenticator;
        this.listener = listener;
        this.openServices = Set.copyOf(openServices);
        this.clock = clock;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(KNOWN, new AtomicReference<>()).build();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (openServices.contains(String.valueOf(call.getMethodDescriptor().getServiceName()))) {
            return next.startCall(call, headers);
        }
        String authorization = headers.get(AUTHORIZATION);
        Attributes connection = call.getAttributes();
        AtomicReference<KnownCaller> slot = connection.get(KNOWN);
        KnownCaller known = slot == null ? null : slot.get();
        if (known == null || !isCurrent(known, authorization)) {
            long version = authenticator.version();
            switch (authenticate(connection, authorization)) {
                case Authentication.Rejected(String method, Problem problem) -> {
                    reject(call, method, connection, problem);
                    return new ServerCall.Listener<>() {};
                }
                case Authentication.Accepted(var method, var principal, long expiresMs) -> {
                    Caller caller =
                            new Caller(principal, CallerContext.host(connection), expiresMs);
                    known =
                            new KnownCaller(
                                    authorization,
                                    version,
                                    caller,
                                    CallerContext.with(connection, caller));
                    if (slot != null) {
                        slot.set(known);
                    }
                    listener.accepted(method, caller);
                }
            }
        }
        return next.startCall(new CallerContext.CallerCall<>(call, known.attributes()), headers);
    }

    private boolean isCurrent(KnownCaller known, @Nullable String authorization) {
        return Objects.equals(known.authorization(), authorization)
                && known.version() == authenticator.version()
                && (known.caller().expiresMs() == Caller.NEVER
                        || clock.millis() < known.caller().expiresMs());
    }

    private Authentication authenticate(Attributes connection, @Nullable String authorization) {
        if (authorization == null) {
            return authenticator.authenticate(certificate(connection));
        }
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return new Authentication.Rejected("none", NOT_BEARER);
        }
        return authenticator.authenticate(
                new Credentials.Bearer(authorization.substring(SCHEME.length()).strip()));
    }

    private static Credentials certificate(Attributes connection) {
        SSLSession session = connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return new Credentials.None();
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate leaf
                    ? new Credentials.Certificate(leaf)
                    : new Credentials.None();
        } catch (SSLPeerUnverifiedException withoutCertificate) {
            return new Credentials.None();
        }
    }

    private void reject(
            ServerCall<?, ?> call, String method, Attributes connection, Problem problem) {
        GrpcErrors.close(call, problem);
        listener.rejected(
                method,
                CallerContext.host(connection),
                call.getMethodDescriptor().getFullMethodName(),
                problem);
    }
}
