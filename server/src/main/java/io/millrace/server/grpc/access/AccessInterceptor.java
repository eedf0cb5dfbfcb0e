package io.millrace.server.grpc.access;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.principal.Caller;
import io.millrace.server.grpc.auth.CallerContext;
import io.millrace.server.grpc.call.GrpcErrors;
import java.util.Optional;

/**
 * Refuses calls for which the caller lacks rights, delays calls of callers above their quotas, and
 * records administrative calls in the audit log, all by {@link MethodRules}. Must run after the
 * authentication. Any thread.
 */
public final class AccessInterceptor implements ServerInterceptor {

    private final AccessControl control;
    private final EventLoop loop;

    /**
     * @param loop the loop on which all handlers respond
     */
    public AccessInterceptor(AccessControl control, EventLoop loop) {
        this.control = control;
        this.loop = loop;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        Optional<MethodRule> rule = MethodRules.of(method);
        return rule.isEmpty()
                ? refuse(call, method)
                : switch (rule.get().access()) {
                    case MethodRule.Access.Everyone(), MethodRule.Access.Nodes() ->
                            next.startCall(call, headers);
                    case MethodRule.Access.Authenticated(),
                            MethodRule.Access.Needed<?>(var _, var _),
                            MethodRule.Access.CheckedByHandler() -> {
                        Caller caller = CallerContext.of(call);
                        ControlledCall<Q, A> controlled =
                                new ControlledCall<>(
                                        call,
                                        rule.get(),
                                        new CallRights(control, caller, method),
                                        control,
                                        loop);
                        yield controlled.listen(next.startCall(controlled, headers));
                    }
                };
    }

    private <Q> ServerCall.Listener<Q> refuse(ServerCall<Q, ?> call, String method) {
        Problem problem =
                new Problem(
                        Reason.NOT_AUTHORIZED,
                        "%s has no rule of authorisation in this version, so that it was not executed: report this defect."
                                .formatted(method));
        new CallRights(control, CallerContext.of(call), method).recordRefusal("", problem);
        loop.runNowOrLater(() -> GrpcErrors.close(call, problem));
        return new ServerCall.Listener<>() {};
    }
}
