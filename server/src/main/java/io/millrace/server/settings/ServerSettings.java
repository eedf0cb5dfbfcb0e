package io.millrace.server.settings;

import io.millrace.ingest.block.IngestSettings.Profile;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.IdentityCheck;
import io.millrace.metadata.membership.Role;
import io.millrace.security.authentication.methods.AuthenticationSettings;
import io.millrace.security.tls.TlsSettings;
import io.millrace.storage.object.s3.ObjectEncryption;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * All settings of a server (docs/configuration.md), validated.
 *
 * @param adoptedBucket the identity of a bucket that does not belong to the log but is used
 * @param cluster the name of the cluster, part of every object key
 * @param grpcPort 0 for any free port
 * @param managementPort 0 for any free port
 * @param kafka the settings for Kafka clients; empty if they are not served
 * @param tls the certificates of the gRPC port; empty for plaintext
 * @param s3Endpoint the URL of the S3 server; empty for AWS
 * @param encryption the encryption that S3 applies to written objects
 * @param uploadTimeout the time after which the upload of a block and its produce requests fail
 * @param uploadGrace the age at which an unfinished multipart upload is aborted
 */
public record ServerSettings(
        LogLocation log,
        BucketAddress bucket,
        Optional<String> adoptedBucket,
        String cluster,
        String host,
        int grpcPort,
        int managementPort,
        Optional<KafkaSettings> kafka,
        Optional<TlsSettings> tls,
        Profile profile,
        Optional<URI> s3Endpoint,
        String s3Region,
        ObjectEncryption encryption,
        Memory memory,
        Optional<DiskCache> diskCache,
        Duration uploadTimeout,
        Duration drainTimeout,
        Groups groups,
        Duration retentionInterval,
        Duration orphanInterval,
        Duration deleteGrace,
        Duration uploadGrace,
        Merges merges,
        AuthenticationSettings authentication,
        AccessSettings access,
        Optional<Tracing> tracing,
        LogFormat logFormat) {

    /** The format of the lines of the server's log. */
    public enum LogFormat {
        TEXT,
        JSON
    }

    /**
     * Settings for consumer groups.
     *
     * @param offsetsRetention the time after which a group without members and commits is deleted
     */
    public record Groups(Duration offsetsRetention, int lagPartitions) {}

    /**
     * Settings for merges and offloading.
     *
     * @param blockBytes the size of WAL blocks that triggers a merge of at least {@code fanIn}
     *     blocks
     * @param delay the age of a WAL block that triggers a merge
     * @param fanIn the number of segments of similar size that triggers a merge
     * @param bytesPerSecond the write rate limit for all merges of a node; 0 for no limit
     * @param offloadExtents the number of extents in memory above which cold extents are offloaded
     * @param maxExtents the maximum number of extents in memory; 0 to derive the limit from the
     *     heap
     */
    public record Merges(
            long blockBytes,
            Duration delay,
            int fanIn,
            long segmentBytes,
            long bytesPerSecond,
            int offloadExtents,
            int maxExtents) {

        /** Several times the heap that one extent takes. */
        private static final int HEAP_BYTES_PER_EXTENT = 256;

        public long maxExtents(long heapBytes) {
            return maxExtents == 0 ? heapBytes / HEAP_BYTES_PER_EXTENT : maxExtents;
        }
    }

    /** The division of the heap among ingest, caches and merges, in percent. */
    public record Memory(
            int ingestPercent, int hotCachePercent, int coldCachePercent, int mergePercent) {

        /**
         * Cached chunks survive many garbage collections; with less free heap, the collector would
         * run continuously.
         */
        private static final int MAX_CACHE_PERCENT = 50;

        public Memory {
            if (ingestPercent + hotCachePercent + coldCachePercent + mergePercent > 75) {
                throw new InvalidSettingException(
                        ("The sum of %s, %s, %s and %s must be at most 75, as a quarter of the heap must"
                                        + " stay free.")
                                .formatted(
                                        Setting.INGEST_MEMORY_PERCENT.key(),
                                        Setting.HOT_CACHE_PERCENT.key(),
                                        Setting.COLD_CACHE_PERCENT.key(),
                                        Setting.MERGE_MEMORY_PERCENT.key()));
            }
        }

        /**
         * Returns the division for these roles: the percentages of absent roles go to the other
         * roles.
         */
        public Memory forRoles(Set<Role> roles) {
            int merge = roles.contains(Role.COMPACTION) ? mergePercent : 0;
            int rest = ingestPercent + hotCachePercent + coldCachePercent;
            if (roles.equals(Set.of(Role.COMPACTION))) {
                return new Memory(
                        0, 0, 0, Math.max(mergePercent, Math.min(rest, MAX_CACHE_PERCENT)));
            }
            if (!roles.contains(Role.INGEST)) {
                int cached = Math.max(coldCachePercent, Math.min(rest, MAX_CACHE_PERCENT - merge));
                return new Memory(0, 0, cached, merge);
            }
            if (!roles.contains(Role.FETCH)) {
                return new Memory(rest, 0, 0, merge);
            }
            return new Memory(ingestPercent, hotCachePercent, coldCachePercent, merge);
        }
    }

    /** Settings of the disk cache for chunks read from the bucket. */
    public record DiskCache(Path folder, long maxBytes) {}

    /**
     * Settings of tracing.
     *
     * @param endpoint the base URL of the collector, without a slash at the end
     * @param sampleRatio the share of produce requests without a trace that start a trace, 0 to 1
     */
    public record Tracing(String endpoint, double sampleRatio) {}

    /** A setting with an illegal value. The message names the setting and the legal values. */
    public static final class InvalidSettingException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InvalidSettingException(String message) {
            super(message);
        }
    }

    private static final int TEN_YEARS_S = 10 * 365 * 24 * 3600;
    private static final Pattern CLUSTER = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    /** Reads and validates the settings of a standalone server. */
    public static ServerSettings standalone(Function<String, Optional<String>> given) {
        SettingReader reader = new SettingReader(given);
        Path data = reader.parsed(Setting.DATA, Path::of, "a folder");
        return from(reader, new LogLocation.Folder(data), Optional.of(data.resolve("bucket")));
    }

    /** Reads and validates the settings of a cluster node. */
    public static ServerSettings node(Function<String, Optional<String>> given) {
        SettingReader reader = new SettingReader(given);
        return from(reader, new ClusterValues(reader).read(), Optional.empty());
    }

    private static ServerSettings from(
            SettingReader reader, LogLocation log, Optional<Path> ownBucket) {
        BucketAddress bucket =
                ownBucket.isPresent() && reader.configured(Setting.BUCKET).isEmpty()
                        ? new BucketAddress.Folder(ownBucket.get())
                        : reader.parsed(
                                Setting.BUCKET, BucketAddress::parse, "file:DIR or s3://NAME");
        Optional<URI> endpoint =
                reader.optional(
                        Setting.S3_ENDPOINT,
                        ServerSettings::endpoint,
                        "a URL such as http://localhost:9000");
        Optional<TlsSettings> tls = new TlsValues(reader).read();
        AuthenticationSettings authentication = new AuthenticationValues(reader).read(tls);
        // Quarkus reads their values.
        reader.pair(Setting.MANAGEMENT_TLS_CERTIFICATE, Setting.MANAGEMENT_TLS_KEY);
        return new ServerSettings(
                log,
                bucket,
                reader.optional(
                        Setting.ADOPT_BUCKET,
                        ServerSettings::adoptedBucket,
                        "the identity in the message of the refused start: 32 hexadecimal digits, or "
                                + IdentityCheck.UNIDENTIFIED),
                reader.parsed(
                        Setting.CLUSTER,
                        ServerSettings::cluster,
                        "1 to 63 characters of [a-z0-9-]"),
                reader.text(Setting.HOST),
                reader.number(Setting.GRPC_PORT, 0, 65_535),
                reader.number(Setting.MANAGEMENT_PORT, 0, 65_535),
                new KafkaValues(reader).read(log, new ListenerValues(reader, tls, authentication)),
                tls,
                profile(reader, bucket),
                endpoint,
                reader.text(Setting.S3_REGION),
                encryption(reader),
                new Memory(
                        reader.number(Setting.INGEST_MEMORY_PERCENT, 5, 60),
                        reader.number(Setting.HOT_CACHE_PERCENT, 0, 60),
                        reader.number(Setting.COLD_CACHE_PERCENT, 0, 60),
                        reader.number(Setting.MERGE_MEMORY_PERCENT, 5, 60)),
                diskCache(reader),
                Duration.ofMillis(reader.number(Setting.UPLOAD_TIMEOUT_MS, 100, 3_600_000)),
                Duration.ofMillis(reader.number(Setting.DRAIN_TIMEOUT_MS, 0, 3_600_000)),
                new Groups(
                        Duration.ofSeconds(
                                reader.number(Setting.GROUP_OFFSETS_RETENTION_S, 1, TEN_YEARS_S)),
                        reader.number(Setting.GROUP_LAG_PARTITIONS, 0, 1_000_000)),
                Duration.ofSeconds(reader.number(Setting.RETENTION_INTERVAL_S, 1, 86_400)),
                Duration.ofSeconds(reader.number(Setting.ORPHAN_INTERVAL_S, 1, 604_800)),
                Duration.ofSeconds(reader.number(Setting.DELETE_GRACE_S, 0, 604_800)),
                Duration.ofSeconds(reader.number(Setting.UPLOAD_GRACE_S, 1, 604_800)),
                new Merges(
                        (long) reader.number(Setting.MERGE_BLOCKS_MIB, 1, 1024) << 20,
                        Duration.ofSeconds(reader.number(Setting.MERGE_DELAY_S, 1, 604_800)),
                        reader.number(Setting.MERGE_FAN_IN, 2, 1000),
                        (long) reader.number(Setting.SEGMENT_MIB, 1, 2048) << 20,
                        (long) reader.number(Setting.MERGE_MIB_PER_S, 0, 1 << 20) << 20,
                        reader.number(Setting.OFFLOAD_THRESHOLD_EXTENTS, 0, Integer.MAX_VALUE),
                        reader.number(Setting.MAX_EXTENTS, 0, Integer.MAX_VALUE)),
                authentication,
                AccessSettings.read(reader),
                tracing(reader),
                reader.parsed(Setting.LOG_FORMAT, ServerSettings::logFormat, "text or json"));
    }

    /** Returns the methods of authentication of all ports. */
    public AuthenticationSettings authenticationOfAllPorts() {
        return kafka.stream()
                .flatMap(clients -> clients.listeners().stream())
                .map(ListenerSettings::authentication)
                .reduce(authentication, AuthenticationSettings::and);
    }

    /** Small blocks cost nothing in a folder, and a request each on S3. */
    private static Profile profile(SettingReader reader, BucketAddress bucket) {
        String suitable =
                switch (bucket) {
                    case BucketAddress.Folder _ -> "latency";
                    case BucketAddress.S3 _ -> "balanced";
                };
        return reader.parse(
                Setting.PROFILE,
                reader.configured(Setting.PROFILE).orElse(suitable),
                ServerSettings::profile,
                "latency, balanced or economy");
    }

    private static ObjectEncryption encryption(SettingReader reader) {
        Optional<String> key = reader.configured(Setting.S3_KMS_KEY_ID);
        String method = reader.text(Setting.S3_ENCRYPTION);
        if (key.isPresent() && !method.equals("kms")) {
            throw new InvalidSettingException(
                    "%s is only used with %s=kms: set both, or no key."
                            .formatted(Setting.S3_KMS_KEY_ID.key(), Setting.S3_ENCRYPTION.key()));
        }
        return reader.parsed(
                Setting.S3_ENCRYPTION,
                text ->
                        switch (text) {
                            case "none" -> new ObjectEncryption.OfBucket();
                            case "s3" -> new ObjectEncryption.S3Keys();
                            case "kms" -> new ObjectEncryption.KmsKey(key);
                            default -> throw new IllegalArgumentException(text);
                        },
                "none, s3 or kms");
    }

    private static Optional<DiskCache> diskCache(SettingReader reader) {
        long maxMib = reader.number(Setting.DISK_CACHE_MIB, 1, Integer.MAX_VALUE);
        return reader.optional(Setting.DISK_CACHE, Path::of, "a folder")
                .map(folder -> new DiskCache(folder, maxMib << 20));
    }

    private static Optional<Tracing> tracing(SettingReader reader) {
        boolean on = reader.parsed(Setting.TRACING, ServerSettings::isOtlp, "off or otlp");
        Tracing tracing =
                new Tracing(
                        reader.parsed(
                                Setting.TRACING_ENDPOINT,
                                ServerSettings::collector,
                                "a URL such as http://localhost:4318"),
                        reader.parsed(
                                Setting.TRACING_SAMPLE,
                                ServerSettings::ratio,
                                "a number from 0 to 1"));
        return on ? Optional.of(tracing) : Optional.empty();
    }

    private static boolean isOtlp(String text) {
        return switch (text) {
            case "off" -> false;
            case "otlp" -> true;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static String collector(String text) {
        String url = endpoint(text).toString();
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private static double ratio(String text) {
        double ratio = Double.parseDouble(text);
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException(text);
        }
        return ratio;
    }

    private static URI endpoint(String text) {
        URI uri = URI.create(text);
        // The message of an illegal value would repeat the password.
        if (uri.getRawUserInfo() != null) {
            throw new InvalidSettingException(
                    "%s has a user in its address: remove the user, and set the credentials of S3 as docs/configuration.md describes."
                            .formatted(Setting.S3_ENDPOINT.displayName()));
        }
        if (uri.getHost() == null
                || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException(text);
        }
        return uri;
    }

    private static String cluster(String text) {
        if (!CLUSTER.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }

    private static String adoptedBucket(String text) {
        if (!text.equals(IdentityCheck.UNIDENTIFIED) && ClusterId.parse(text).isEmpty()) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }

    private static Profile profile(String text) {
        return constant(Profile.values(), text);
    }

    private static LogFormat logFormat(String text) {
        return constant(LogFormat.values(), text);
    }

    private static <E extends Enum<E>> E constant(E[] constants, String text) {
        return Arrays.stream(constants)
                .filter(constant -> constant.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(text));
    }
}
