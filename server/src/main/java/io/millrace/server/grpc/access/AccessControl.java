package io.millrace.server.grpc.access;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.quota.Quotas;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.quota.QuotaEnforcement;

/** The decisions about all calls of an endpoint: rights, quotas and the audit log. Any thread. */
public record AccessControl(
        Authorizer authorizer, QuotaEnforcement quotas, AuditLog audit, AccessMetrics metrics) {

    /** Returns a control that allows everything, limits nothing and records nothing. */
    public static AccessControl open(MeterRegistry registry) {
        return new AccessControl(
                Authorizer.OPEN,
                new QuotaEnforcement(() -> Quotas.NONE, () -> 0),
                AuditLog.NONE,
                new AccessMetrics(registry));
    }
}
