package io.millrace.server;

import io.millrace.server.node.StartFailure;
import io.millrace.server.settings.ServerSettings;
import io.millrace.server.settings.Setting;
import io.quarkus.runtime.Quarkus;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace up}: checks the settings, and runs a server until it is told to stop. */
@Command(
        name = "up",
        description = "Start a server: ingest node, fetch node and metadata in one process.",
        footer = {"", "docs/configuration.md lists all settings, and how else to give them."},
        sortOptions = false)
final class UpCommand implements Callable<Integer> {

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of the metadata log.")
    @Nullable String data;

    @Option(
            names = "--bucket",
            paramLabel = "file:DIR|s3://NAME",
            description = "Where the data goes. Default: the folder bucket inside --data.")
    @Nullable String bucket;

    @Option(
            names = "--s3-endpoint",
            paramLabel = "URL",
            description = "An S3 server other than AWS.")
    @Nullable String s3Endpoint;

    @Option(names = "--host", paramLabel = "HOST", description = "Address to listen on.")
    @Nullable String host;

    @Option(
            names = "--grpc-port",
            paramLabel = "PORT",
            description = "Default: 9090. 0 takes any that is free.")
    @Nullable String grpcPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Health and metrics. Default: 8080. 0 takes any that is free.")
    @Nullable String httpPort;

    @Option(
            names = "--profile",
            paramLabel = "latency|balanced|economy",
            description = "How long batches wait for company. Default: balanced.")
    @Nullable String profile;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    @Override
    public Integer call() {
        give(Setting.DATA, data);
        give(Setting.BUCKET, bucket);
        give(Setting.S3_ENDPOINT, s3Endpoint);
        give(Setting.HOST, host);
        give(Setting.GRPC_PORT, grpcPort);
        give(Setting.HTTP_PORT, httpPort);
        give(Setting.PROFILE, profile);
        try {
            // Quarkus reads the ports itself, and would say less clearly what is wrong with them.
            SmallRyeConfig config =
                    new SmallRyeConfigBuilder()
                            .addDefaultSources()
                            .addDiscoveredSources()
                            .addDiscoveredConverters()
                            .build();
            ServerSettings.from(key -> config.getOptionalValue(key, String.class));
        } catch (ServerSettings.InvalidSettingException invalid) {
            System.err.println("millrace: " + invalid.getMessage());
            return 2;
        }
        return run();
    }

    private static int run() {
        AtomicInteger exit = new AtomicInteger();
        Quarkus.run(
                UpApplication.class,
                (code, failure) -> {
                    exit.set(code);
                    if (failure != null) {
                        System.err.println("millrace: " + StartFailure.sentence(failure));
                        exit.set(1);
                    }
                });
        return exit.get();
    }

    private static void give(Setting setting, @Nullable String value) {
        if (value != null) {
            System.setProperty(setting.key(), value);
        }
    }
}
