package io.millrace.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.protocol.error.Problem;
import io.millrace.server.http.ServingState;
import io.millrace.server.node.Node;
import io.millrace.server.settings.ServerSettings;
import io.netty.util.internal.PlatformDependent;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import sun.misc.Signal;

/** A server's life: open, say so, serve, drain, close. HTTP is served around all of it. */
public final class UpApplication implements QuarkusApplication {

    private static final Logger LOG = Logger.getLogger(UpApplication.class);

    private final Config config;
    private final MeterRegistry registry;
    private final ServingState serving;
    private final HttpServer http;
    private volatile int exitCode;

    @Inject
    UpApplication(Config config, MeterRegistry registry, ServingState serving, HttpServer http) {
        this.config = config;
        this.registry = registry;
        this.serving = serving;
        this.http = http;
    }

    @Override
    public int run(String... arguments) {
        ServerSettings settings =
                ServerSettings.from(key -> config.getOptionalValue(key, String.class));
        // The machine's own way to stop a process would make its exit code 143 or 130.
        for (String signal : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(signal), received -> Quarkus.asyncExit(0));
        }
        try (Node node = Node.open(settings, registry, PlatformDependent.maxDirectMemory())) {
            node.stopped().thenAccept(this::stop);
            serving.set(true);
            System.out.println(
                    "Millrace is ready: grpc=%s:%d http=%s:%d data=%s bucket=%s"
                            .formatted(
                                    settings.host(),
                                    node.grpcPort(),
                                    settings.host(),
                                    http.getPort(),
                                    settings.data(),
                                    settings.bucket()));
            System.out.flush();
            Quarkus.waitForExit();
            serving.set(false);
            node.drain();
        }
        return exitCode;
    }

    /** A process that can never serve again ends, so that whoever watches it starts a new one. */
    private void stop(Problem why) {
        LOG.errorf("this server stops: %s", why.message());
        exitCode = 1;
        Quarkus.asyncExit(1);
    }
}
