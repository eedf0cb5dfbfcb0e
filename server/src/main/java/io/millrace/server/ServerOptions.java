package io.millrace.server;

import io.millrace.server.settings.Setting;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Command-line options common to all long-running servers. */
final class ServerOptions {

    @Mixin BucketOptions bucket;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Address to listen on. Default: localhost.")
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
            description =
                    "How long batches wait for company in a block: at most 50, 100 or 500 ms,"
                            + " or until there are 4, 8 or 32 MiB of them; latency and balanced"
                            + " for less while little comes, economy never. Default: balanced.")
    @Nullable String profile;

    @Option(
            names = "--max-feature-level",
            paramLabel = "LEVEL",
            description =
                    "Hold the cluster at an older feature level until nobody will go back to an"
                            + " older version. Default: newest.")
    @Nullable String maxFeatureLevel;

    @Option(
            names = "--disk-cache",
            paramLabel = "DIR",
            description =
                    "Folder for what was read from the bucket. Default: none is kept on disk.")
    @Nullable String diskCache;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    void giveAll() {
        bucket.giveAll();
        give(Setting.HOST, host);
        give(Setting.GRPC_PORT, grpcPort);
        give(Setting.HTTP_PORT, httpPort);
        give(Setting.PROFILE, profile);
        give(Setting.DISK_CACHE, diskCache);
        give(Setting.MAX_FEATURE_LEVEL, maxFeatureLevel);
    }

    /** Passes an option's value to the configuration as a system property, which takes precedence over all other sources. Does nothing if the value is null. */
    static void give(Setting setting, @Nullable String value) {
        if (value != null) {
            System.setProperty(setting.key(), value);
        }
    }
}
