package io.millrace.server.grpc.access;

import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;
import java.util.Optional;

/**
 * A call under the rule of its method. A request without the needed rights never reaches the
 * handler. While the caller is above a quota, no further request is read: the caller's bytes wait
 * in the transport's window and take no memory of the node. Handlers respond on the loop.
 */
final class ControlledCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private final MethodRule rule;
    private final CallRights rights;
    private final EventLoop loop;
    private final Attributes attributes;
    private final AuditedCall audited;
    private final RequestThrottle throttle;
    private volatile boolean ended;

    ControlledCall(
            ServerCall<Q, A> call,
            MethodRule rule,
            CallRights rights,
            AccessControl control,
            EventLoop loop) {
        super(call);
        this.rule = rule;
        this.rights = rights;
        this.loop = loop;
        this.attributes = rights.addTo(call.getAttributes());
        this.audited =
                new AuditedCall(
                        control.audit(),
                        rights.caller(),
                        call.getMethodDescriptor().getFullMethodName(),
                        rule);
        this.throttle =
                new RequestThrottle(
                        loop, rights, rule.use().delayedBy(), call::request, () -> ended);
    }

    @Override
    public Attributes getAttributes() {
        return attributes;
    }

    @Override
    public void request(int messages) {
        throttle.request(messages);
    }

    @Override
    public void close(Status status, Metadata trailers) {
        ended = true;
        audited.closed(status, trailers);
        super.close(status, trailers);
    }

    /** Returns the listener to give to the transport. */
    ServerCall.Listener<Q> listen(ServerCall.Listener<Q> handler) {
        return new ControlledListener(handler);
    }

    /** Called on the connection's event loop. */
    private final class ControlledListener extends SimpleForwardingServerCallListener<Q> {

        private boolean begun;
        private boolean refused;

        private ControlledListener(ServerCall.Listener<Q> handler) {
            super(handler);
        }

        @Override
        public void onMessage(Q message) {
            boolean first = !begun;
            begun = true;
            if (first || rule.use() != MethodRule.Use.SUBSCRIBE) {
                rights.requested();
            }
            if (first && message instanceof DecodedRequest.Message<?>(Object request)) {
                Optional<Problem> refusal = refusal(request);
                if (refusal.isPresent()) {
                    refused = true;
                    loop.runNowOrLater(() -> GrpcErrors.close(ControlledCall.this, refusal.get()));
                } else {
                    audited.received(request);
                }
            }
            if (!refused) {
                super.onMessage(message);
            }
        }

        private Optional<Problem> refusal(Object request) {
            if (rule.access() instanceof MethodRule.Access.Needed<?> needed) {
                for (MethodRule.Requirement each : needed.of(request)) {
                    if (each.anyOf().stream().noneMatch(this::has)) {
                        Right missing = each.anyOf().getFirst();
                        return Optional.of(
                                rights.refuse(missing.operation(), missing.type(), missing.name()));
                    }
                }
            }
            return Optional.empty();
        }

        private boolean has(Right right) {
            return rights.allows(right.operation(), right.type(), right.name());
        }

        @Override
        public void onHalfClose() {
            if (!refused) {
                super.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            ended = true;
            audited.cancelled();
            super.onCancel();
        }

        @Override
        public void onComplete() {
            ended = true;
            audited.completed();
            super.onComplete();
        }
    }
}
