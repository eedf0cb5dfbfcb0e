package io.millrace.benchmarks;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.schedule.CompactionScheduler;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.local.LocalLogSettings;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.MeteredObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.StorageMetrics;
import io.millrace.storage.object.s3.ObjectEncryption;
import io.millrace.storage.object.s3.S3ObjectStore;
import io.millrace.storage.object.s3.S3Settings;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectBuilder;
import io.millrace.storage.stream.StreamObjectLayout;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;

/**
 * Merges WAL blocks of 8 MiB and 100 partitions, and copies the same blocks through the same store:
 * {@code MergeThroughputBenchmark FOLDER BLOCKS ROUNDS [S3-ENDPOINT]}. Without an endpoint, the
 * objects are in the folder.
 */
@SystemAccess("creates the thread that runs the merges, and reads the clock")
public final class MergeThroughputBenchmark {

    private static final int PARTITIONS = 100;
    private static final int BATCH_BYTES = 80 << 10;
    private static final int CONCURRENT_COPIES = 4;

    private final LogProcess process;
    private final MetadataReplica replica;
    private final ObjectStore bucket;
    private final SimpleMeterRegistry registry;
    private final CompactionScheduler job;
    private final RandomGenerator random = new SecureRandom();
    private long topicId;
    private long nextSequence;

    private MergeThroughputBenchmark(
            LogProcess process,
            ObjectStore bucket,
            SimpleMeterRegistry registry,
            ExecutorService worker) {
        this.process = process;
        this.replica = process.replica();
        this.bucket = bucket;
        this.registry = registry;
        job = process.mergeJob(bucket, worker, registry);
    }

    public static void main(String... arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        int blockCount = Integer.parseInt(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        ExecutorService worker =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        try (LogProcess process =
                LogProcess.inFolder(folder, LocalLogSettings.DEFAULTS, new SimpleMeterRegistry())) {
            ObjectStore bucket =
                    new MeteredObjectStore(
                            arguments.length > 3
                                    ? S3ObjectStore.open(
                                            s3(URI.create(arguments[3])),
                                            new SecureRandom(),
                                            worker)
                                    : process.bucket(),
                            process.loop(),
                            new StorageMetrics(registry));
            new MergeThroughputBenchmark(process, bucket, registry, worker)
                    .measure(blockCount, rounds);
        }
        // The S3 client keeps threads alive.
        System.exit(0);
    }

    private static S3Settings s3(URI endpoint) {
        return new S3Settings(
                "millrace",
                Optional.of("us-east-1"),
                Optional.of(endpoint),
                true,
                new ObjectEncryption.OfBucket(),
                64,
                Duration.ofSeconds(3),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60));
    }

    private void measure(int blockCount, int rounds) {
        topicId = process.createTopic("merge", PARTITIONS);
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            List<ObjectRef> written = new ArrayList<>();
            for (int i = 0; i < blockCount; i++) {
                written.add(write());
            }
            double mib = written.stream().mapToLong(ObjectRef::sizeBytes).sum() / 1048576.0;
            double copyMibPerSecond = mib / seconds(() -> copy(written));
            double getsBefore = requests("get");
            double putsBefore =
                    requests("put")
                            + requests("upload_part")
                            + requests("create_multipart")
                            + requests("complete_multipart");
            double mergedBytesBefore = registry.counter("millrace.merge.size").count();
            double mergeSeconds = seconds(this::merge);
            double rewritten =
                    (registry.counter("millrace.merge.size").count() - mergedBytesBefore)
                            / 1048576.0;
            System.out.printf(
                    "copy %.0f MiB/s, merge %.0f MiB/s of blocks, %.0f MiB/s written (%.2f times"
                            + " the blocks), for each GiB of blocks %.0f GETs, %.0f PUTs%n",
                    copyMibPerSecond,
                    mib / mergeSeconds,
                    rewritten / mergeSeconds,
                    rewritten / mib,
                    (requests("get") - getsBefore) * 1024 / mib,
                    (requests("put")
                                    + requests("upload_part")
                                    + requests("create_multipart")
                                    + requests("complete_multipart")
                                    - putsBefore)
                            * 1024
                            / mib);
            ratios.add(rewritten / mergeSeconds / copyMibPerSecond);
        }
        System.out.printf(
                "merge/copy throughput ratio of each round: %s; median %.2f%n",
                ratios.stream().map("%.2f"::formatted).toList(),
                ratios.stream().sorted().toList().get(ratios.size() / 2));
        System.out.printf(
                "objects %d, of them WAL blocks %d%n",
                stored().size(),
                stored().stream()
                        .filter(object -> object.object().id().kind() == ObjectId.Kind.WAL)
                        .count());
    }

    private List<StoredObject> stored() {
        return CompletableFuture.supplyAsync(
                        () -> replica.objects().referencedObjects(), replica.loop())
                .join();
    }

    private double requests(String operation) {
        return registry
                .find("millrace.storage.request")
                .tag("operation", operation)
                .timers()
                .stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }

    private static double seconds(Runnable task) {
        long start = System.nanoTime();
        task.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private ObjectRef write() {
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, replica.incarnation(), nextSequence++);
        StreamObjectBuilder builder = new StreamObjectBuilder();
        byte[] body = new byte[BATCH_BYTES];
        random.nextBytes(body);
        BatchHeader.write(
                body,
                0,
                BATCH_BYTES,
                BatchHeader.Fields.anonymous(0, 80, nextSequence, nextSequence));
        for (int partition = 0; partition < PARTITIONS; partition++) {
            builder.add(topicId, partition, new Slice(body, 0, BATCH_BYTES));
        }
        StreamObjectLayout layout = builder.seal(id);
        bucket.put(id.key(LogProcess.CLUSTER), layout.object().body()).join();
        List<BatchItem> items = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            items.add(
                    new BatchItem(
                            topicId,
                            partition,
                            80,
                            layout.position(partition),
                            BATCH_BYTES,
                            nextSequence,
                            ProducerStamp.NONE));
        }
        process.awaitApplied(
                new Command.BlockCommitted(
                        layout.object().ref(), System.currentTimeMillis(), items));
        return layout.object().ref();
    }

    private void copy(List<ObjectRef> objects) {
        List<CompletableFuture<Void>> copies = new ArrayList<>();
        for (int first = 0; first < CONCURRENT_COPIES; first++) {
            copies.add(copy(objects, first));
        }
        copies.forEach(CompletableFuture::join);
        bucket.delete(objects.stream().map(MergeThroughputBenchmark::copyOf).toList())
                .join()
                .throwIfIncomplete();
    }

    private CompletableFuture<Void> copy(List<ObjectRef> objects, int index) {
        if (index >= objects.size()) {
            return CompletableFuture.completedFuture(null);
        }
        ObjectRef object = objects.get(index);
        return bucket.getRange(
                        object.id().key(LogProcess.CLUSTER),
                        new ByteRange(0, Math.toIntExact(object.sizeBytes())))
                .thenCompose(bytes -> bucket.put(copyOf(object), ObjectBody.of(bytes)))
                .thenCompose(done -> copy(objects, index + CONCURRENT_COPIES));
    }

    private static ObjectKey copyOf(ObjectRef object) {
        return new ObjectKey("copies/" + object.id());
    }

    private void merge() {
        CompletableFuture.supplyAsync(job::runAllDue, replica.loop())
                .thenCompose(segments -> segments)
                .join();
    }
}
