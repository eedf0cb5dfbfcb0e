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

/** The authentication of clients on the ports of a node, with one reader of each file. */
@SystemAccess("passes the system clock and virtual threads to the authentication")
final class ClientAccess {

    private final InstantSource clock = InstantSource.system();
    private final EnabledMethods methods;
    private final AuthenticationListener listener;

    private ClientAccess(NodeContext context) {
        AuthenticationMeter meter =
                new AuthenticationMeter(context.registry(), context.loop()::nanoTime);
        methods =
                context.closing()
                        .add(
                                EnabledMethods.open(
                                        context.settings().authenticationOfAllPorts(),
                                        meter,
                                        context.loop(),
                                        task ->
                                                Thread.ofVirtual()
                                                        .name("millrace-auth")
                                                        .start(task),
                                        clock));
        listener =
                AuthenticationListener.all(
                        List.of(meter, new AuditedAuthentication(context.access().audit())));
    }

    /** Opens the authentication; empty if the settings turn it off for all ports. */
    static Optional<ClientAccess> open(NodeContext context) {
        return context.settings().authenticationOfAllPorts().isOn()
                ? Optional.of(new ClientAccess(context))
                : Optional.empty();
    }

    /** Returns the authentication of a port; empty if the port has none. */
    Optional<ClientAuthentication> of(AuthenticationSettings port) {
        return port.isOn()
                ? Optional.of(new ClientAuthentication(methods.limitedTo(port), listener, clock))
                : Optional.empty();
    }
}
