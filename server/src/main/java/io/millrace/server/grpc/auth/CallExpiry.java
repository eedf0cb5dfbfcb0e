package io.millrace.server.grpc.auth;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.principal.Caller;
import io.millrace.server.grpc.call.GrpcErrors;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Ends streaming calls when the credentials of their caller expire, and rejects a unary call whose
 * request arrives later than that. Must run after {@link CallAuthentication}, on calls whose
 * handlers may be ended early. Any thread.
 */
public final class CallExpiry implements ServerInterceptor {

    /** The wall clock may be set, so the remaining time is computed again after this time. */
    private static final Duration MAX_DELAY = Duration.ofMinutes(10);

    private static final Problem EXPIRED =
            new Problem(
                    Reason.CREDENTIALS_EXPIRED,
                    "The call was ended: token expired, or the client certificate. Continue with new credentials in a new call.");

    private final EventLoop loop;
    private final InstantSource clock;
    private final AuditLog audit;

    /**
     * @param loop the loop on which all handlers respond
     * @param audit the log of rejected unary calls
     */
    public CallExpiry(EventLoop loop, InstantSource clock, AuditLog audit) {
        this.loop = loop;
        this.clock = clock;
        this.audit = audit;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Caller caller = CallerContext.of(call);
        long expiresMs = caller.expiresMs();
        ServerCall.Listener<Q> handler = next.startCall(call, headers);
        if (expiresMs == Caller.NEVER) {
            return handler;
        }
        if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
            return new UnaryListener<>(call, caller, handler);
        }
        Deadline deadline = new Deadline(call, expiresMs);
        loop.runNowOrLater(deadline::check);
        return new SimpleForwardingServerCallListener<>(handler) {
            @Override
            public void onCancel() {
                loop.runNowOrLater(deadline::cancel);
                super.onCancel();
            }

            @Override
            public void onComplete() {
                loop.runNowOrLater(deadline::cancel);
                super.onComplete();
            }
        };
    }

    /** Keeps a late request from the handler. Called on the connection's event loop. */
    private final class UnaryListener<Q> extends SimpleForwardingServerCallListener<Q> {

        private final ServerCall<Q, ?> call;
        private final Caller caller;
        private boolean expired;

        UnaryListener(ServerCall<Q, ?> call, Caller caller, ServerCall.Listener<Q> handler) {
            super(handler);
            this.call = call;
            this.caller = caller;
        }

        @Override
        public void onMessage(Q message) {
            if (!expired && clock.millis() >= caller.expiresMs()) {
                expired = true;
                audit.refused(caller, call.getMethodDescriptor().getFullMethodName(), "", EXPIRED);
                loop.runNowOrLater(() -> GrpcErrors.close(call, EXPIRED));
            }
            if (!expired) {
                super.onMessage(message);
            }
        }

        @Override
        public void onHalfClose() {
            if (!expired) {
                super.onHalfClose();
            }
        }
    }

    /** The end of a call. Owned by the loop. */
    private final class Deadline {

        private final ServerCall<?, ?> call;
        private final long expiresMs;
        private EventLoop.@Nullable Timer timer;
        private boolean over;

        Deadline(ServerCall<?, ?> call, long expiresMs) {
            this.call = call;
            this.expiresMs = expiresMs;
        }

        void check() {
            if (over) {
                return;
            }
            long leftMs = expiresMs - clock.millis();
            if (leftMs <= 0) {
                over = true;
                GrpcErrors.close(call, EXPIRED);
            } else {
                timer =
                        loop.schedule(
                                Duration.ofMillis(Math.min(leftMs, MAX_DELAY.toMillis())),
                                this::check);
            }
        }

        void cancel() {
            over = true;
            if (timer != null) {
                timer.cancel();
            }
        }
    }
}
