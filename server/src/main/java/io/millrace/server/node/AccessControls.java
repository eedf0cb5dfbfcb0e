package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.audit.AuditMeters;
import io.millrace.security.audit.AuditSink;
import io.millrace.security.audit.QueuedAuditLog;
import io.millrace.security.audit.RotatingFile;
import io.millrace.security.audit.StreamSink;
import io.millrace.security.authorization.AclAuthorizer;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.quota.QuotaEnforcement;
import io.millrace.server.grpc.access.AccessControl;
import io.millrace.server.grpc.access.AccessMetrics;
import io.millrace.server.settings.AuditDestination;
import io.millrace.server.settings.ServerSettings;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.Executors;

/** Opens the access control of a node. */
@SystemAccess("creates the thread of the audit log, and passes the system clock to it")
final class AccessControls {

    private AccessControls() {}

    /** Fails with {@link StartFailure} if the audit log cannot be written. */
    static AccessControl open(
            ServerSettings settings,
            Metadata metadata,
            EventLoop loop,
            MeterRegistry registry,
            CloseStack closing) {
        Authorizer authorizer =
                settings.authenticationOfAllPorts().isOn()
                        ? new AclAuthorizer(
                                () -> metadata.acls().index(), settings.access().superUsers())
                        : Authorizer.OPEN;
        return new AccessControl(
                authorizer,
                new QuotaEnforcement(metadata::quotas, loop::nanoTime),
                audit(settings.access().audit(), loop, registry, closing),
                new AccessMetrics(registry));
    }

    private static AuditLog audit(
            AuditDestination destination,
            EventLoop loop,
            MeterRegistry registry,
            CloseStack closing) {
        AuditMeters meters = AuditMeters.of(registry);
        return switch (destination) {
            case AuditDestination.None() -> AuditLog.NONE;
            case AuditDestination.StandardError() ->
                    started(new StreamSink(System.err), "standard error", loop, meters, closing);
            case AuditDestination.RotatedFile(var file, long maxBytes, int files) -> {
                try {
                    yield started(
                            new RotatingFile(file, maxBytes, files),
                            file.toString(),
                            loop,
                            meters,
                            closing);
                } catch (IOException unusable) {
                    throw new StartFailure(
                            "cannot write the audit log %s: %s"
                                    .formatted(file, StartFailure.sentence(unusable)));
                }
            }
        };
    }

    private static AuditLog started(
            AuditSink sink, String name, EventLoop loop, AuditMeters meters, CloseStack closing) {
        return closing.add(
                new QueuedAuditLog(
                        sink,
                        name,
                        Executors.newSingleThreadExecutor(
                                Thread.ofPlatform().daemon().name("millrace-audit").factory()),
                        InstantSource.system(),
                        loop::nanoTime,
                        meters));
    }
}
