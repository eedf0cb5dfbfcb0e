package io.millrace.server.grpc.access;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.principal.Caller;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Records one call of an administrative method in the audit log when the call ends. Any thread; the
 * first of several ends is recorded.
 */
final class AuditedCall {

    private final AuditLog audit;
    private final Caller caller;
    private final String method;
    private final MethodRule rule;
    private final AtomicReference<@Nullable Object> request = new AtomicReference<>();

    AuditedCall(AuditLog audit, Caller caller, String method, MethodRule rule) {
        this.audit = audit;
        this.caller = caller;
        this.method = method;
        this.rule = rule;
    }

    /** Called with a request that the caller may execute. */
    void received(Object message) {
        if (rule.use() == MethodRule.Use.ADMINISTRATION && audit.isOn()) {
            request.set(message);
        }
    }

    /** Called when the handler ends the call. */
    void closed(Status status, Metadata trailers) {
        Object executed = request.getAndSet(null);
        if (executed == null) {
            return;
        }
        if (status.isOk()) {
            audit.succeeded(caller, method, resource(executed), RequestText.of(executed));
            return;
        }
        Problem problem = problem(status, trailers);
        // The refusal was recorded before.
        if (problem.reason() != Reason.NOT_AUTHORIZED) {
            audit.failed(caller, method, resource(executed), problem);
        }
    }

    /** Called when the client has ended the call. */
    void cancelled() {
        ended("The client");
    }

    /** Called when the call is over, which the node may have ended before its handler. */
    void completed() {
        ended("The node");
    }

    private void ended(String by) {
        Object executed = request.getAndSet(null);
        if (executed != null) {
            audit.failed(
                    caller,
                    method,
                    resource(executed),
                    new Problem(
                            Reason.OUTCOME_UNKNOWN,
                            by
                                    + " ended the call before the response: "
                                    + RequestText.of(executed)));
        }
    }

    private static Problem problem(Status status, Metadata trailers) {
        com.google.rpc.Status wire = StatusProto.fromStatusAndTrailers(status, trailers);
        return Optional.ofNullable(wire)
                .flatMap(Problem::fromStatus)
                .orElseGet(() -> new Problem(Reason.INTERNAL_ERROR, status.toString()));
    }

    private String resource(Object message) {
        return rule.access() instanceof MethodRule.Access.Needed<?> needed
                ? needed.of(message).stream()
                        .map(each -> each.anyOf().getFirst())
                        .map(right -> CallRights.text(right.type(), right.name()))
                        .collect(Collectors.joining(", "))
                : "";
    }
}
