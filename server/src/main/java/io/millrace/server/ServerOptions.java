package io.millrace.server;

import io.millrace.server.settings.Setting;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that every server has. */
final class ServerOptions {

    @Option(
            names = "--bucket",
            paramLabel = "file:DIR|s3://NAME",
            description = "Where the data goes. Default with up: the folder bucket inside --data.")
    @Nullable String bucket;

    @Option(
            names = "--s3-endpoint",
            paramLabel = "URL",
            description = "An S3 server other than AWS.")
    @Nullable String s3Endpoint;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description = "A part of the key of every object. Default: millrace.")
    @Nullable String cluster;

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
            description = "How long batches wait for company. Default: balanced.")
    @Nullable String profile;

    @Option(
            names = "--feature-level-at-most",
            paramLabel = "LEVEL",
            description =
                    "Hold the cluster at an older feature level until nobody will go back to an"
                            + " older version. Default: newest.")
    @Nullable String featureLevelAtMost;

    @Option(
            names = "--disk-cache",
            paramLabel = "DIR",
            description =
                    "Folder for what was read from the bucket. Default: none is kept on disk.")
    @Nullable String diskCache;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    void giveAll() {
        give(Setting.BUCKET, bucket);
        give(Setting.S3_ENDPOINT, s3Endpoint);
        give(Setting.CLUSTER, cluster);
        give(Setting.HOST, host);
        give(Setting.GRPC_PORT, grpcPort);
        give(Setting.HTTP_PORT, httpPort);
        give(Setting.PROFILE, profile);
        give(Setting.DISK_CACHE, diskCache);
        give(Setting.FEATURE_LEVEL_AT_MOST, featureLevelAtMost);
    }

    /** Puts a flag where the configuration looks first. */
    static void give(Setting setting, @Nullable String value) {
        if (value != null) {
            System.setProperty(setting.key(), value);
        }
    }
}
