package io.millrace.server.kafka;

import io.millrace.kafka.connection.Refusals;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.principal.Caller;

/** Records refused requests of Kafka clients in the audit log. Any thread. */
public record AuditedRefusals(AuditLog audit) implements Refusals {

    @Override
    public void refused(
            Caller caller, String api, Operation operation, ResourceType type, String name) {
        if (!audit.isOn()) {
            return;
        }
        String resource = type == ResourceType.CLUSTER ? type.name() : type + " " + name;
        audit.refused(
                caller,
                "Kafka/" + api,
                resource,
                new Problem(
                        Reason.NOT_AUTHORIZED,
                        "%s has no right to %s %s, so that the operation was not executed: an administrator can allow it with ./millrace acl add."
                                .formatted(caller.principal().text(), operation, resource)));
    }
}
