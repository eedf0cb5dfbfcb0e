package io.millrace.server.grpc.access;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.authorization.RememberedDecisions;
import io.millrace.security.principal.Caller;
import org.jspecify.annotations.Nullable;

/** The rights and quotas of the caller of one call. Any thread. */
public final class CallRights {

    private static final Attributes.Key<CallRights> RIGHTS =
            Attributes.Key.create("millrace-call-rights");

    private final AccessControl control;
    private final Caller caller;
    private final String method;

    CallRights(AccessControl control, Caller caller, String method) {
        this.control = control;
        this.caller = caller;
        this.method = method;
    }

    /**
     * Returns the rights that {@link AccessInterceptor} has given the call; all rights on an
     * endpoint without it.
     */
    public static CallRights of(ServerCall<?, ?> call) {
        @Nullable CallRights rights = call.getAttributes().get(RIGHTS);
        return rights == null ? all(call.getMethodDescriptor().getFullMethodName()) : rights;
    }

    private static CallRights all(String method) {
        return new CallRights(Uncontrolled.CONTROL, Caller.anonymous(""), method);
    }

    /** Loaded only if an endpoint has no interceptor, as in tests. */
    private static final class Uncontrolled {
        private static final AccessControl CONTROL =
                AccessControl.open(new CompositeMeterRegistry());
    }

    Attributes addTo(Attributes attributes) {
        return attributes.toBuilder().set(RIGHTS, this).build();
    }

    public Caller caller() {
        return caller;
    }

    /** Returns false if all callers may execute everything. */
    public boolean areLimited() {
        return control.authorizer() != Authorizer.OPEN;
    }

    /** Returns whether the caller may execute the operation now. */
    public boolean allows(Operation operation, ResourceType type, String name) {
        return control.authorizer().allows(caller, operation, type, name);
    }

    /** Returns whether the caller may execute the operation on the cluster now. */
    public boolean allowsOnCluster(Operation operation) {
        return allows(operation, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
    }

    /** Returns whether the caller may execute the operation on some resource of the type now. */
    public boolean allowsAny(Operation operation, ResourceType type) {
        return control.authorizer().allowsAny(caller, operation, type);
    }

    /** Returns decisions for a call that asks often about the same resources. */
    public RememberedDecisions decisions(Operation operation, ResourceType type) {
        return new RememberedDecisions(control.authorizer(), caller, operation, type);
    }

    /** Counts and records a refusal, and returns the problem to report to the caller. */
    public Problem refuse(Operation operation, ResourceType type, String name) {
        String resource = text(type, name);
        Problem problem =
                new Problem(
                        Reason.NOT_AUTHORIZED,
                        "%s has no right to %s %s, so that the operation was not executed: an administrator can allow it with ./millrace acl add."
                                .formatted(caller.principal().text(), operation, resource));
        recordRefusal(resource, problem);
        return problem;
    }

    void recordRefusal(String resource, Problem problem) {
        control.metrics().refused(method);
        control.audit().refused(caller, method, resource, problem);
    }

    static String text(ResourceType type, String name) {
        return type == ResourceType.CLUSTER ? type.name() : type + " " + name;
    }

    /** Charges the caller's quota for bytes in. */
    public void received(long bytes) {
        control.quotas().charge(caller.principal(), QuotaKind.BYTES_IN, bytes);
    }

    /** Charges the caller's quota for bytes out. */
    public void sent(long bytes) {
        control.quotas().charge(caller.principal(), QuotaKind.BYTES_OUT, bytes);
    }

    void requested() {
        control.quotas().charge(caller.principal(), QuotaKind.REQUESTS, 1);
    }

    /** Returns the time for which traffic of the kind must wait; 0 to proceed. */
    public long delayNanos(QuotaKind kind) {
        return control.quotas().delayNanos(caller.principal(), kind);
    }

    /** Counts a delay that has ended. */
    public void delayed(QuotaKind kind, long nanos) {
        control.metrics().delayed(kind, nanos);
    }
}
