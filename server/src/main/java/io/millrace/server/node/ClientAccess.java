package io.millrace.server.node;

import io.millrace.runtime.SystemAccess;
import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.methods.AuthenticationMeter;
import io.millrace.security.authentication.methods.AuthenticationSettings;
import io.millrace.security.authentication.methods.EnabledMethods;
import io.millrace.server.grpc.access.AuditedAuthentication;
import io.millrace.server.grpc.auth.ClientAuthentication;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Opens the authentication of clients. */
@SystemAccess("passes the system clock and virtual threads to the authentication")
final class ClientAccess {

    private ClientAccess() {}

    /** Returns the authentication; empty if the settings turn it off. */
    static Optional<ClientAuthentication> open(NodeContext context) {
        AuthenticationSettings settings = context.settings().authentication();
        if (!settings.isOn()) {
            return Optional.empty();
        }
        AuthenticationMeter meter =
                new AuthenticationMeter(context.registry(), context.loop()::nanoTime);
        InstantSource clock = InstantSource.system();
        EnabledMethods methods =
                context.closing()
                        .add(
                                EnabledMethods.open(
                                        settings,
                                        meter,
                                        context.loop(),
                                        task ->
                                                Thread.ofVirtual()
                                                        .name("millrace-auth")
                                                        .start(task),
                                        clock));
        return Optional.of(
                new ClientAuthentication(
                        methods,
                        AuthenticationListener.all(
                                List.of(
                                        meter,
                                        new AuditedAuthentication(context.access().audit()))),
                        clock));
    }
}
