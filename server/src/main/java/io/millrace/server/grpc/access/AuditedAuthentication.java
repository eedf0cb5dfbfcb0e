package io.millrace.server.grpc.access;

import io.millrace.protocol.error.Problem;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.principal.Caller;

/** Records rejected authentications in the audit log. Any thread. */
public record AuditedAuthentication(AuditLog audit) implements AuthenticationListener {

    @Override
    public void accepted(AuthenticationMethod method, Caller caller) {}

    @Override
    public void rejected(String method, String host, String target, Problem problem) {
        audit.unauthenticated(host, target, problem);
    }
}
