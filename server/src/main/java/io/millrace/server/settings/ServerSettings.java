package io.millrace.server.settings;

import io.millrace.ingest.block.IngestSettings.Profile;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.membership.Role;
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
 * All settings of a server, checked.
 *
 * @param log where the metadata log is
 * @param bucket where the objects are
 * @param cluster a part of the key of every object
 * @param host the address to listen on
 * @param grpcPort 0 for any that is free
 * @param httpPort 0 for any that is free
 * @param s3Endpoint empty for AWS itself
 * @param memory how the heap is divided
 * @param diskCache where chunks are kept outside of memory, if anywhere
 * @param uploadTimeout after which the producers of a block hear that it failed
 * @param drainTimeout how long a stop may take to finish what was accepted
 * @param groups what it does for consumer groups
 * @param retentionInterval how often a node that compacts looks for records that are to go
 * @param orphanInterval how often it searches the bucket for what nothing names
 * @param deleteGrace how long an object that nothing needs any more stays in the bucket
 * @param uploadGrace how long an upload in parts may take before it is given up
 * @param merges when objects are merged
 * @param levels the feature levels that it knows, or is to know
 */
public record ServerSettings(
        LogLocation log,
        BucketAddress bucket,
        String cluster,
        String host,
        int grpcPort,
        int httpPort,
        Profile profile,
        Optional<URI> s3Endpoint,
        String s3Region,
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
        FeatureLevels levels) {

    /**
     * What a node does for consumer groups.
     *
     * @param offsetsRetention how long a group is kept that has no members and no commits
     * @param lagPartitions of how many partitions of groups it shows the lag as metrics, at most
     */
    public record Groups(Duration offsetsRetention, int lagPartitions) {}

    /**
     * When objects are merged.
     *
     * @param blockBytes as soon as there are so many bytes of WAL blocks, and as many blocks as the
     *     fan-in
     * @param delay or when one of them is of this age
     * @param fanIn and segments when there are so many of about one size
     * @param segmentBytes and never to more than this
     * @param bytesPerSecond what all merges of a node write at most; 0 for no limit
     * @param offloadExtents as soon as there are more in memory, cold ones leave it
     * @param maxExtents how many a node can know, since merges make few of many; 0 for what fits
     */
    public record Merges(
            long blockBytes,
            Duration delay,
            int fanIn,
            long segmentBytes,
            long bytesPerSecond,
            int offloadExtents,
            int maxExtents) {

        /** Several times what one takes. */
        private static final int HEAP_BYTES_PER_EXTENT = 256;

        /**
         * How many a node can know.
         *
         * @param heapBytes of it
         */
        public long maxExtents(long heapBytes) {
            return maxExtents == 0 ? heapBytes / HEAP_BYTES_PER_EXTENT : maxExtents;
        }
    }

    /** Percents of the heap. */
    public record Memory(
            int ingestPercent, int hotCachePercent, int coldCachePercent, int mergePercent) {

        /**
         * What a node that serves consumers keeps at most. Each chunk in memory outlives many
         * collections: with less of the heap free, the collector never rests.
         */
        private static final int MAX_CACHED = 50;

        public Memory {
            if (ingestPercent + hotCachePercent + coldCachePercent + mergePercent > 75) {
                throw new InvalidSettingException(
                        ("%s, %s, %s and %s together must leave a quarter of the heap free: at most"
                                        + " 75.")
                                .formatted(
                                        Setting.INGEST_MEMORY_PERCENT.key(),
                                        Setting.HOT_CACHE_PERCENT.key(),
                                        Setting.COLD_CACHE_PERCENT.key(),
                                        Setting.MERGE_MEMORY_PERCENT.key()));
            }
        }

        /**
         * What a node does with them: one that does not write blocks, serves nobody, or merges
         * nothing, has no use for the share of that, and gives it to the others.
         */
        public Memory of(Set<Role> roles) {
            int merge = roles.contains(Role.COMPACTION) ? mergePercent : 0;
            int rest = ingestPercent + hotCachePercent + coldCachePercent;
            if (roles.equals(Set.of(Role.COMPACTION))) {
                return new Memory(0, 0, 0, Math.max(mergePercent, Math.min(rest, MAX_CACHED)));
            }
            if (!roles.contains(Role.INGEST)) {
                int cached = Math.max(coldCachePercent, Math.min(rest, MAX_CACHED - merge));
                return new Memory(0, 0, cached, merge);
            }
            if (!roles.contains(Role.FETCH)) {
                return new Memory(rest, 0, 0, merge);
            }
            return new Memory(ingestPercent, hotCachePercent, coldCachePercent, merge);
        }
    }

    /**
     * A folder for chunks that were read from the bucket.
     *
     * @param maxBytes that they may take
     */
    public record DiskCache(Path folder, long maxBytes) {}

    /** A setting has a value that it cannot have. The message names it and says what is right. */
    public static final class InvalidSettingException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InvalidSettingException(String message) {
            super(message);
        }
    }

    private static final int TEN_YEARS_S = 10 * 365 * 24 * 3600;
    private static final Pattern CLUSTER = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    /**
     * Reads and checks all settings of a server that shares its metadata with nobody.
     *
     * @param given the value of a key, where it has one
     */
    public static ServerSettings alone(Function<String, Optional<String>> given) {
        Values values = new Values(given);
        Path data = values.parsed(Setting.DATA, Path::of, "a folder");
        return from(values, new LogLocation.Folder(data), Optional.of(data.resolve("bucket")));
    }

    /**
     * Reads and checks all settings of a node of a cluster.
     *
     * @param given the value of a key, where it has one
     */
    public static ServerSettings node(Function<String, Optional<String>> given) {
        Values values = new Values(given);
        return from(values, new ClusterValues(values).read(), Optional.empty());
    }

    private static ServerSettings from(Values values, LogLocation log, Optional<Path> ownBucket) {
        BucketAddress bucket =
                ownBucket.isPresent() && values.given(Setting.BUCKET).isEmpty()
                        ? new BucketAddress.Folder(ownBucket.get())
                        : values.parsed(
                                Setting.BUCKET, BucketAddress::parse, "file:DIR or s3://NAME");
        Optional<URI> endpoint =
                values.optional(
                        Setting.S3_ENDPOINT,
                        ServerSettings::endpoint,
                        "a URL such as http://localhost:9000");
        return new ServerSettings(
                log,
                bucket,
                values.parsed(
                        Setting.CLUSTER,
                        ServerSettings::cluster,
                        "1 to 63 characters of [a-z0-9-]"),
                values.text(Setting.HOST),
                values.number(Setting.GRPC_PORT, 0, 65_535),
                values.number(Setting.HTTP_PORT, 0, 65_535),
                values.parsed(
                        Setting.PROFILE, ServerSettings::profile, "latency, balanced or economy"),
                endpoint,
                values.text(Setting.S3_REGION),
                new Memory(
                        values.number(Setting.INGEST_MEMORY_PERCENT, 5, 60),
                        values.number(Setting.HOT_CACHE_PERCENT, 0, 60),
                        values.number(Setting.COLD_CACHE_PERCENT, 0, 60),
                        values.number(Setting.MERGE_MEMORY_PERCENT, 5, 60)),
                diskCache(values),
                Duration.ofMillis(values.number(Setting.UPLOAD_TIMEOUT_MS, 100, 3_600_000)),
                Duration.ofMillis(values.number(Setting.DRAIN_TIMEOUT_MS, 0, 3_600_000)),
                new Groups(
                        Duration.ofSeconds(
                                values.number(Setting.GROUP_OFFSETS_RETENTION_S, 1, TEN_YEARS_S)),
                        values.number(Setting.GROUP_LAG_PARTITIONS, 0, 1_000_000)),
                Duration.ofSeconds(values.number(Setting.RETENTION_INTERVAL_S, 1, 86_400)),
                Duration.ofSeconds(values.number(Setting.ORPHAN_INTERVAL_S, 1, 604_800)),
                Duration.ofSeconds(values.number(Setting.DELETE_GRACE_S, 0, 604_800)),
                Duration.ofSeconds(values.number(Setting.UPLOAD_GRACE_S, 1, 604_800)),
                new Merges(
                        (long) values.number(Setting.MERGE_BLOCKS_MIB, 1, 1024) << 20,
                        Duration.ofSeconds(values.number(Setting.MERGE_DELAY_S, 1, 604_800)),
                        values.number(Setting.MERGE_FAN_IN, 2, 1000),
                        (long) values.number(Setting.SEGMENT_MIB, 1, 2048) << 20,
                        (long) values.number(Setting.MERGE_MIB_PER_S, 0, 1 << 20) << 20,
                        values.number(Setting.OFFLOAD_THRESHOLD_EXTENTS, 0, Integer.MAX_VALUE),
                        values.number(Setting.MAX_EXTENTS, 0, Integer.MAX_VALUE)),
                values.parsed(
                        Setting.MAX_FEATURE_LEVEL,
                        ServerSettings::levels,
                        "newest or a whole number from " + FeatureLevels.OLDEST));
    }

    private static Optional<DiskCache> diskCache(Values values) {
        long maxMib = values.number(Setting.DISK_CACHE_MIB, 1, Integer.MAX_VALUE);
        return values.optional(Setting.DISK_CACHE, Path::of, "a folder")
                .map(folder -> new DiskCache(folder, maxMib << 20));
    }

    private static URI endpoint(String text) {
        URI uri = URI.create(text);
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

    private static FeatureLevels levels(String text) {
        return "newest".equals(text)
                ? FeatureLevels.ALL
                : FeatureLevels.ALL.atMost(Integer.parseInt(text));
    }

    private static Profile profile(String text) {
        return Arrays.stream(Profile.values())
                .filter(profile -> profile.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(text));
    }
}
