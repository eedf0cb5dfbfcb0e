package io.millrace.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.protocol.error.Problem;
import io.millrace.server.http.ServingState;
import io.millrace.server.node.CompactionSummary;
import io.millrace.server.node.Node;
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

/** A server's life: open, say so, serve, drain, close. HTTP is served around all of it. */
public final class ServerApplication implements QuarkusApplication {

    private static final Logger LOG = Logger.getLogger(ServerApplication.class);

    /** The two kinds of servers. */
    enum Kind {
        /** Shares its metadata with nobody. */
        UP,
        /** A node of a cluster. */
        NODE,
        /** A node that looks after old data once, and ends. */
        COMPACT_ONCE;

        ServerSettings settings(Config config) {
            return switch (this) {
                case UP -> ServerSettings.alone(key -> config.getOptionalValue(key, String.class));
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

    /** Checks the settings, and runs a server until it is told to stop; returns its exit code. */
    static int launch(Kind kind) {
        try {
            // Quarkus reads the ports itself, and would say less clearly what is wrong with them.
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
                        System.err.println("millrace: " + StartFailure.sentence(failure));
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
        // The machine's own way to stop a process would make its exit code 143 or 130. Without a
        // code here, as the first one that Quarkus is given counts, it is what this returns.
        for (String signal : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(signal), received -> Quarkus.asyncExit());
        }
        try (Node node = Node.open(settings, registry, PlatformDependent.maxDirectMemory())) {
            node.stopped().thenAccept(this::stop);
            if (kind == Kind.COMPACT_ONCE) {
                compact(node);
                return exitCode;
            }
            node.compact();
            serving.set(true);
            System.out.println(
                    "Millrace is ready: grpc=%s:%d http=%s:%d %s"
                            .formatted(
                                    settings.host(),
                                    node.grpcPort(),
                                    settings.host(),
                                    http.getPort(),
                                    node.description()));
            System.out.flush();
            Quarkus.waitForExit();
            serving.set(false);
            node.drain();
        }
        return exitCode;
    }

    private void compact(Node node) {
        CompletableFuture<CompactionSummary> work = node.compactOnce();
        work.whenComplete((done, failure) -> Quarkus.asyncExit());
        Quarkus.waitForExit();
        if (!work.isDone()) {
            failed("it was stopped before all that is due was done: run it again.");
        } else if (work.isCompletedExceptionally()) {
            failed("not all that is due was done: " + StartFailure.sentence(work.exceptionNow()));
        } else {
            CompactionSummary done = work.join();
            System.out.printf("Segments written: %d%n", done.segments());
            if (done.damagedObjects() > 0) {
                failed(
                        "%d objects are missing or damaged, or cannot be read, and were left out: the log names them; restore them."
                                .formatted(done.damagedObjects()));
            }
            if (done.undeletedObjects() > 0) {
                failed(
                        "%d objects that nothing needs any more cannot be deleted: the log names them."
                                .formatted(done.undeletedObjects()));
            }
        }
        node.drain();
    }

    private void failed(String sentence) {
        System.err.println("millrace: " + sentence);
        exitCode = 1;
    }

    /** A process that can never serve again ends, so that whoever watches it starts a new one. */
    private void stop(Problem why) {
        LOG.errorf("this server stops: %s", why.message());
        exitCode = 1;
        Quarkus.asyncExit(1);
    }
}
