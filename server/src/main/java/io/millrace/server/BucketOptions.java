package io.millrace.server;

import io.millrace.server.settings.Setting;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Command-line options that select the bucket and the cluster in it. */
final class BucketOptions {

    @Option(
            names = "--bucket",
            paramLabel = "file:DIR|s3://NAME",
            description =
                    "Bucket that holds all data. Default with up: the folder bucket inside --data.")
    @Nullable String bucket;

    @Option(
            names = "--s3-endpoint",
            paramLabel = "URL",
            description = "URL of an S3 server other than AWS.")
    @Nullable String s3Endpoint;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description = "Name of the cluster, part of every object key. Default: millrace.")
    @Nullable String cluster;

    void setProperties() {
        ServerOptions.setProperty(Setting.BUCKET, bucket);
        ServerOptions.setProperty(Setting.S3_ENDPOINT, s3Endpoint);
        ServerOptions.setProperty(Setting.CLUSTER, cluster);
    }
}
