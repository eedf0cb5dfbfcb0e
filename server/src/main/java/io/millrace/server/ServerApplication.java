package io.millrace.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.protocol.error.Problem;
import io.millrace.server.log.JsonLogFormatter;
import io.millrace.server.management.ServingState;
import io.millrace.server.node.CompactionSummary;
import io.millrace.server.node.Node;
import io.millrace.server.node.NodeVersion;
import io.millrace.server.node.StartFailure;
import io.millrace.server.settings.ServerSettings;
import io.netty.util.internal.PlatformDependent;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.vertx.http.HttpServer;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import sun.misc.Signal;

/**
 * Life cycle of a server process: opens the node, prints the ready line, serves, drains and closes.
 * The management port is open during all of these steps.
 */
public final class ServerApplication implements QuarkusApplication {

    private static final Logger LOG = Logger.getLogger(ServerApplication.class);

    enum Kind {
        UP,
        NODE,
        COMPACT_ONCE;

        ServerSettings settings(Config config) {
            return switch (this) {
                case UP ->
                        ServerSettings.standalone(
                                key -> config.getOptionalValue(key, String.class));
                case NODE, COMPACT_ONCE ->
                        ServerSettings.node(key -> config.getOptionalValue(key, String.class));
            };
        }
    }

    private final Config config;
    private final MeterRegistry registry;
    private final ServingState serving;
    private final HttpServer http;
    private volatile int exitCode;

    @Inject
    ServerApplication(
            Config config, MeterRegistry registry, ServingState serving, HttpServer http) {
        this.config = config;
        this.registry = registry;
        this.serving = serving;
        this.http = http;
    }

    /** Runs a server until SIGTERM or SIGINT. Returns the exit code of the process. */
    static int launch(Kind kind) {
        ServerSettings settings;
        try {
            // Checked here first: Quarkus parses the ports and reports errors less clearly.
            settings =
                    kind.settings(
                            new SmallRyeConfigBuilder()
                                    .addDefaultSources()
                                    .addDiscoveredSources()
                                    .addDiscoveredConverters()
                                    .build());
        } catch (ServerSettings.InvalidSettingException invalid) {
            System.err.println("millrace: " + invalid.getMessage());
            return 2;
        }
        AtomicInteger exit = new AtomicInteger();
        Quarkus.run(
                ServerApplication.class,
                (code, failure) -> {
                    exit.set(code);
                    if (failure != null) {
                        System.err.println("millrace: " + StartFailure.sentence(failure, settings));
                        exit.set(1);
                    }
                },
                kind.name());
        return exit.get();
    }

    @Override
    public int run(String... arguments) {
        Kind kind = Kind.valueOf(arguments[0]);
        ServerSettings settings = kind.settings(config);
        if (settings.logFormat() == ServerSettings.LogFormat.JSON) {
            JsonLogFormatter.install();
        }
        // Replaces the JVM's signal handlers, which would exit with 143 or 130. Quarkus keeps the
        // first exit code; asyncExit() gives none, so the return value of this method counts.
        for (String signal : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(signal), received -> Quarkus.asyncExit());
        }
        String version =
                config.getOptionalValue("quarkus.application.version", String.class).orElse("");
        try (Node node =
                Node.open(
                        settings,
                        NodeVersion.named(version),
                        registry,
                        PlatformDependent.maxDirectMemory())) {
            node.stopped().thenAccept(this::stop);
            if (kind == Kind.COMPACT_ONCE) {
                compact(node);
                return exitCode;
            }
            node.compact();
            serving.started(node::health);
            System.out.println(
                    "Millrace is ready: grpc=%s:%d management=%s:%d%s %s"
                            .formatted(
                                    settings.host(),
                                    node.grpcPort(),
                                    settings.host(),
                                    managementPort(settings),
                                    kafka(settings, node),
                                    node.description()));
            System.out.flush();
            Quarkus.waitForExit();
            serving.stopping();
            node.drain();
        }
        return exitCode;
    }

    private static String kafka(ServerSettings settings, Node node) {
        StringBuilder ports = new StringBuilder();
        for (KafkaListener listener : KafkaListener.values()) {
            String name =
                    switch (listener) {
                        case INTERNAL -> "kafka";
                        case EXTERNAL -> "kafka-external";
                    };
            node.kafkaPort(listener)
                    .ifPresent(port ->
                            ports.append(" %s=%s:%d".formatted(name, settings.host(), port)));
        }
        return ports.toString();
    }

    /** Quarkus knows the port only if it chose a free one. */
    private int managementPort(ServerSettings settings) {
        return settings.managementPort() == 0
                ? http.getManagementPort()
                : settings.managementPort();
    }

    private void compact(Node node) {
        CompletableFuture<CompactionSummary> work = node.compactOnce();
        work.whenComplete((done, failure) -> Quarkus.asyncExit());
        Quarkus.waitForExit();
        if (!work.isDone()) {
            reportFailure("stopped before all jobs were done: run the command again.");
        } else if (work.isCompletedExceptionally()) {
            reportFailure("a compaction job failed: " + StartFailure.sentence(work.exceptionNow()));
        } else {
            CompactionSummary done = work.join();
            System.out.printf("Segments written: %d%n", done.segments());
            if (done.damagedObjects() > 0) {
                reportFailure(
                        "%d objects are missing, damaged or unreadable and were skipped: restore the objects named in the log."
                                .formatted(done.damagedObjects()));
            }
            if (done.undeletedObjects() > 0) {
                reportFailure(
                        "%d unreferenced objects cannot be deleted: see the log for their names and the errors."
                                .formatted(done.undeletedObjects()));
            }
        }
        node.drain();
    }

    private void reportFailure(String sentence) {
        System.err.println("millrace: " + sentence);
        exitCode = 1;
    }

    /** Ends a process that can never serve again, so that the supervisor starts a new process. */
    private void stop(Problem why) {
        LOG.errorf("Server stops: %s", why.message());
        serving.stopping();
        exitCode = 1;
        Quarkus.asyncExit(1);
    }
}
