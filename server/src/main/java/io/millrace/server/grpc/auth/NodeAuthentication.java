package io.millrace.server.grpc.auth;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.log.LogFields;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.audit.AuditLog;
import io.millrace.server.grpc.call.GrpcErrors;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Authenticates the calls of nodes to each other by the cluster's secret: protects services of this
 * node, and has the credentials for calls to others. Any thread.
 */
public final class NodeAuthentication {

    private static final Logger LOG = Logger.getLogger(NodeAuthentication.class);

    private static final long LOG_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    private final EventLoop loop;
    private final AuditLog audit;
    private final TokenVerifier verifier;
    private final NodeCredentials credentials;
    private final Counter rejected;
    private final AtomicLong nextLogNanos;

    /**
     * @param self the supplier of this node's current incarnation; called on any thread
     * @param loop the loop on which all handlers respond
     */
    public NodeAuthentication(
            NodeSecret secret,
            LongSupplier self,
            EventLoop loop,
            MeterRegistry registry,
            AuditLog audit) {
        this.loop = loop;
        this.audit = audit;
        TokenSigner signer = new TokenSigner(secret);
        this.verifier = new TokenVerifier(signer, self);
        this.credentials = new NodeCredentials(signer, self, loop::nanoTime);
        this.rejected = registry.counter("millrace.grpc.calls.unauthenticated");
        this.nextLogNanos = new AtomicLong(loop.nanoTime());
    }

    public NodeCredentials credentials() {
        return credentials;
    }

    /** Returns the service with all calls rejected that no node of the cluster has sent. */
    public ServerServiceDefinition protect(ServerServiceDefinition service) {
        return ServerInterceptors.intercept(service, new TokenInterceptor());
    }

    /** Returns the incarnation that sent a call of a protected service. */
    public static long caller(Metadata headers) {
        byte[] token = headers.get(NodeCredentials.TOKEN);
        if (token == null) {
            throw new IllegalStateException("the service is not protected");
        }
        return TokenSigner.claims(token).caller();
    }

    private final class TokenInterceptor implements ServerInterceptor {

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String method = call.getMethodDescriptor().getFullMethodName();
            Optional<String> why = verifier.rejection(headers.get(NodeCredentials.TOKEN), method);
            if (why.isEmpty()) {
                return next.startCall(CallerContext.ofNode(call), headers);
            }
            Problem problem = problem(method, why.get());
            rejected.increment();
            log(method, problem);
            audit.unauthenticated(CallerContext.host(call.getAttributes()), method, problem);
            loop.runNowOrLater(() -> GrpcErrors.close(call, problem));
            return new ServerCall.Listener<>() {};
        }
    }

    private static Problem problem(String method, String why) {
        return new Problem(
                Reason.UNAUTHENTICATED,
                "The call of %s %s, and was not executed. Only nodes of the cluster may call it: clients use the services of millrace.v1, and a node whose cluster has a new secret must be restarted to read it from etcd."
                        .formatted(method, why));
    }

    private void log(String method, Problem problem) {
        long nowNanos = loop.nanoTime();
        long nextNanos = nextLogNanos.get();
        if (nowNanos - nextNanos >= 0
                && nextLogNanos.compareAndSet(nextNanos, nowNanos + LOG_PAUSE_NANOS)) {
            LogFields.method(method)
                    .log(() -> LOG.warnf("%s Reported once a minute.", problem.message()));
        }
    }
}
