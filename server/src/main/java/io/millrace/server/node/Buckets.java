package io.millrace.server.node;

import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.settings.BucketAddress;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.object.HedgingObjectStore;
import io.millrace.storage.object.MeteredObjectStore;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.RetryingObjectStore;
import io.millrace.storage.object.StorageMetrics;
import io.millrace.storage.object.local.LocalObjectStore;
import io.millrace.storage.object.s3.S3ObjectStore;
import io.millrace.storage.object.s3.S3Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/** Opens the configured bucket and verifies access to it. */
@SystemAccess("creates the threads of folder access")
final class Buckets {

    private static final int DISK_THREADS = 16;

    private static final int CHECK_SECONDS = 10;
    private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(500);

    /**
     * Exceeds the loads of a fetch node at a time, so that uploads and their hedges do not wait for
     * reads.
     */
    static final int S3_CONNECTIONS = 96;

    private static final int METADATA_CONNECTIONS = 4;

    /** Enough for a checkpoint of 1 GiB at 2 MB/s. */
    private static final Duration METADATA_TIMEOUT = Duration.ofMinutes(10);

    private Buckets() {}

    /**
     * The stores of one bucket.
     *
     * @param records for blocks and reads, with the deadline of producers
     * @param metadata for checkpoints and archives, which may be larger than what fits into that
     *     deadline; without hedging, which would transfer them twice
     */
    record Stores(ObjectStore records, ObjectStore metadata) {}

    static Stores open(
            ServerSettings settings,
            Disk disk,
            EventLoop loop,
            Executor workers,
            RandomGenerator random,
            StorageMetrics metrics,
            CloseStack closing) {
        return switch (settings.bucket()) {
            case BucketAddress.Folder folder -> {
                ObjectStore bucket =
                        closing(
                                new MeteredObjectStore(
                                        folder(folder, disk, random, closing), loop, metrics),
                                closing);
                verifyAccess(settings.bucket(), bucket);
                yield new Stores(
                        retrying(bucket, settings, loop, random),
                        retryingLong(bucket, loop, random));
            }
            case BucketAddress.S3(var name) -> {
                ObjectStore records =
                        new HedgingObjectStore(
                                s3(
                                        s3Settings(
                                                settings,
                                                name,
                                                S3_CONNECTIONS,
                                                S3Settings.DEFAULT_IDLE_TIMEOUT,
                                                settings.uploadTimeout()),
                                        loop,
                                        workers,
                                        random,
                                        metrics,
                                        closing),
                                loop,
                                HedgingObjectStore.HedgePolicy.ofS3(),
                                metrics);
                verifyAccess(settings.bucket(), records);
                ObjectStore metadata =
                        s3(
                                s3Settings(
                                        settings,
                                        name,
                                        METADATA_CONNECTIONS,
                                        S3Settings.DEFAULT_IDLE_TIMEOUT,
                                        METADATA_TIMEOUT),
                                loop,
                                workers,
                                random,
                                metrics,
                                closing);
                yield new Stores(
                        retrying(records, settings, loop, random),
                        retryingLong(metadata, loop, random));
            }
        };
    }

    private static ObjectStore s3(
            S3Settings s3,
            EventLoop loop,
            Executor workers,
            RandomGenerator random,
            StorageMetrics metrics,
            CloseStack closing) {
        return closing(
                new MeteredObjectStore(S3ObjectStore.open(s3, random, workers), loop, metrics),
                closing);
    }

    private static ObjectStore closing(ObjectStore bucket, CloseStack closing) {
        closing.add(() -> close(bucket));
        return bucket;
    }

    private static ObjectStore retryingLong(
            ObjectStore bucket, EventLoop loop, RandomGenerator random) {
        return new RetryingObjectStore(
                bucket,
                loop,
                random,
                RetryingObjectStore.RetryLimits.forMetadata(METADATA_TIMEOUT));
    }

    /**
     * Opens the bucket for merges on separate connections. Merges keep connections open, and must
     * not exhaust the connections of producers and consumers.
     *
     * @param connections the maximum number of connections of all merges
     */
    static ObjectStore openForMerges(
            ServerSettings settings,
            ObjectStore usual,
            int connections,
            EventLoop loop,
            Executor workers,
            RandomGenerator random,
            StorageMetrics metrics,
            CloseStack closing) {
        return switch (settings.bucket()) {
            case BucketAddress.Folder folder -> usual;
            case BucketAddress.S3(var name) -> {
                ObjectStore bucket =
                        s3(
                                s3Settings(
                                        settings,
                                        name,
                                        connections,
                                        settings.uploadTimeout(),
                                        settings.uploadTimeout()),
                                loop,
                                workers,
                                random,
                                metrics,
                                closing);
                yield retrying(bucket, settings, loop, random);
            }
        };
    }

    private static ObjectStore retrying(
            ObjectStore bucket, ServerSettings settings, EventLoop loop, RandomGenerator random) {
        return new RetryingObjectStore(
                bucket,
                loop,
                random,
                RetryingObjectStore.RetryLimits.forProducers(settings.uploadTimeout()));
    }

    /**
     * Starts closing the bucket and waits briefly, because the SDK waits up to 15 s for pending
     * requests.
     */
    private static void close(ObjectStore bucket) throws InterruptedException {
        Thread.ofPlatform()
                .daemon()
                .name("millrace-bucket-close")
                .start(bucket::close)
                .join(CLOSE_TIMEOUT);
    }

    private static LocalObjectStore folder(
            BucketAddress.Folder folder, Disk disk, RandomGenerator random, CloseStack closing) {
        ExecutorService threads =
                closing.add(
                        Executors.newFixedThreadPool(
                                DISK_THREADS,
                                Thread.ofPlatform().name("millrace-bucket-", 0).factory()));
        try {
            return LocalObjectStore.open(disk, folder.path(), random, threads);
        } catch (IOException unusable) {
            throw cannotUse(folder, unusable);
        }
    }

    private static S3Settings s3Settings(
            ServerSettings settings,
            String name,
            int connections,
            Duration silence,
            Duration deadline) {
        return new S3Settings(
                name,
                Optional.of(settings.s3Region()),
                settings.s3Endpoint(),
                settings.s3Endpoint().isPresent(),
                settings.encryption(),
                connections,
                Duration.ofSeconds(3),
                silence,
                deadline);
    }

    /**
     * Lists one object, so that an unreadable bucket fails the start instead of the first producer.
     */
    private static void verifyAccess(BucketAddress address, ObjectStore bucket) {
        try {
            bucket.list("", "", 1).get(CHECK_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw cannotUse(address, failure);
        } catch (TimeoutException silent) {
            throw new StartFailure(
                    "cannot use the bucket %s: no answer within %d s. Check the network, --bucket and --s3-endpoint."
                            .formatted(address, CHECK_SECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartFailure("the start was interrupted.");
        }
    }

    private static StartFailure cannotUse(BucketAddress address, Throwable why) {
        return new StartFailure(
                "cannot use the bucket %s: %s".formatted(address, StartFailure.sentence(why)));
    }
}
