package io.millrace.server.kafka;

import io.millrace.kafka.connection.RequestAudit;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.principal.Caller;
import java.util.Optional;

/** Records requests of Kafka clients in the audit log. Any thread. */
public record AuditedRequests(AuditLog audit) implements RequestAudit {

    private static final String API = "Kafka/";

    @Override
    public boolean isOn() {
        return audit.isOn();
    }

    @Override
    public void refused(
            Caller caller, String api, Operation operation, ResourceType type, String name) {
        if (!audit.isOn()) {
            return;
        }
        String resource = type == ResourceType.CLUSTER ? type.name() : type + " " + name;
        audit.refused(
                caller,
                API + api,
                resource,
                new Problem(
                        Reason.NOT_AUTHORIZED,
                        "%s has no right to %s %s, so that the operation was not executed: an administrator can allow it with ./millrace acl add."
                                .formatted(caller.principal().text(), operation, resource)));
    }

    @Override
    public void executed(
            Caller caller,
            String api,
            String resources,
            String request,
            Optional<Problem> failure) {
        failure.ifPresentOrElse(
                problem -> audit.failed(caller, API + api, resources, problem),
                () -> audit.succeeded(caller, API + api, resources, request));
    }
}
