package io.millrace.server;

import io.millrace.server.settings.Setting;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Command-line options common to all long-running servers. */
final class ServerOptions {

    @Mixin BucketOptions bucket;

    @Option(
            names = "--adopt-bucket",
            paramLabel = "IDENTITY",
            description =
                    "Use a bucket that belongs to another metadata log or to none, given by the"
                            + " identity in the message of the refused start. Objects that the log"
                            + " does not reference are deleted.")
    @Nullable String adoptBucket;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Address to listen on. Default: localhost.")
    @Nullable String host;

    @Option(
            names = "--grpc-port",
            paramLabel = "PORT",
            description = "gRPC port. Default: 9090. 0 selects a free port.")
    @Nullable String grpcPort;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            description =
                    "Port of Kafka clients. Default: 9092 for up, off for node. 0 selects a free port; off"
                            + " opens none.")
    @Nullable String kafkaPort;

    @Option(
            names = "--kafka-advertise",
            paramLabel = "HOST[:PORT]",
            description =
                    "Address at which Kafka clients reach the Kafka port. Default: the listen address.")
    @Nullable String kafkaAdvertise;

    @Option(
            names = "--kafka-external-port",
            paramLabel = "PORT",
            description =
                    "Port of Kafka clients outside the network of the cluster, beside --kafka-port. Default:"
                            + " off. 0 selects a free port.")
    @Nullable String kafkaExternalPort;

    @Option(
            names = "--kafka-external-advertise",
            paramLabel = "HOST[:PORT]",
            description =
                    "Address at which these clients reach the port. Default: the listen address.")
    @Nullable String kafkaExternalAdvertise;

    @Option(
            names = "--management-port",
            paramLabel = "PORT",
            description =
                    "Port of health and metrics (HTTP). Default: 9990. 0 selects a free port.")
    @Nullable String managementPort;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description =
                    "Certificate of the gRPC port with its intermediate certificates, PEM. The"
                            + " files are reloaded when they change. Default: no TLS.")
    @Nullable String tlsCertificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Key of the certificate, PEM, not encrypted.")
    @Nullable String tlsKey;

    @Option(
            names = "--tls-trust",
            paramLabel = "FILE",
            description =
                    "Certificate authorities of clients and other nodes, PEM. Default: those of"
                            + " Java.")
    @Nullable String tlsTrust;

    @Option(
            names = "--profile",
            paramLabel = "latency|balanced|economy",
            description =
                    "Maximum time that batches are collected for a block: 50, 100 or 500 ms, or"
                            + " until the block has 4, 8 or 32 MiB. Under low load, latency and balanced wait"
                            + " less; economy does not. Requests to S3 for 1 GiB cost about 0.031, 0.029 or 0.017 $"
                            + " at 20 MB/s on two nodes. Default: latency with a bucket in a folder, balanced with"
                            + " S3.")
    @Nullable String profile;

    @Option(
            names = "--disk-cache",
            paramLabel = "DIR",
            description =
                    "Folder of the disk cache for data read from the bucket. Default: no disk cache.")
    @Nullable String diskCache;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    void setProperties() {
        bucket.setProperties();
        setProperty(Setting.ADOPT_BUCKET, adoptBucket);
        setProperty(Setting.HOST, host);
        setProperty(Setting.GRPC_PORT, grpcPort);
        setProperty(Setting.KAFKA_PORT, kafkaPort);
        setProperty(Setting.KAFKA_ADVERTISE, kafkaAdvertise);
        setProperty(Setting.KAFKA_EXTERNAL_PORT, kafkaExternalPort);
        setProperty(Setting.KAFKA_EXTERNAL_ADVERTISE, kafkaExternalAdvertise);
        setProperty(Setting.MANAGEMENT_PORT, managementPort);
        setProperty(Setting.TLS_CERTIFICATE, tlsCertificate);
        setProperty(Setting.TLS_KEY, tlsKey);
        setProperty(Setting.TLS_TRUST, tlsTrust);
        setProperty(Setting.PROFILE, profile);
        setProperty(Setting.DISK_CACHE, diskCache);
    }

    /** System properties take precedence over all other sources. */
    static void setProperty(Setting setting, @Nullable String value) {
        if (value != null) {
            System.setProperty(setting.key(), value);
        }
    }
}
