package io.millrace.benchmarks;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.Metadata.Lane;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.log.etcd.EtcdMetadataLog;
import io.millrace.metadata.log.local.LocalLogSettings;
import io.millrace.metadata.log.local.LocalMetadataLog;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.metadata.state.FeatureLevels;
import io.millrace.protocol.Edge;
import io.millrace.storage.disk.SystemDisk;
import io.millrace.storage.loop.ExecutorLoop;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.object.local.LocalObjectStore;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * What a large state costs: 100,000 partitions, 1,000,000 extents, 100,000 idempotent producers,
 * made by entries through a log as a node makes them. {@code LargeState FOLDER [ETCD]} prints the
 * heap that it takes, how long checkpoints take and how long they keep entries waiting, and leaves
 * the folder, and etcd if its URL is given, for a node to start from. The objects that the extents
 * name do not exist, so nothing can be fetched.
 */
@Edge("makes the threads that the log runs on")
public final class LargeState {

    private static final int TOPICS = 10;
    private static final int PARTITIONS_OF_A_TOPIC = 10_000;
    private static final int PARTITIONS = TOPICS * PARTITIONS_OF_A_TOPIC;
    private static final int EXTENTS = 1_000_000;
    private static final int ITEMS = 100;
    private static final int EXTENT_BYTES = 10_737;
    private static final int SEAL_ENTRIES = 1_000;
    private static final int CHECKPOINTS = 5;
    private static final String CLUSTER = "millrace";

    private final MetadataReplica replica;
    private final SimpleMeterRegistry registry;
    private final List<Long> topics = new ArrayList<>();
    private long firstProducer;
    private int blocks;

    private LargeState(MetadataReplica replica, SimpleMeterRegistry registry) {
        this.replica = replica;
        this.registry = registry;
    }

    /** Measures in the folder that is the first argument. */
    public static void main(String... arguments) throws IOException {
        Path data = Path.of(arguments[0]);
        ScheduledExecutorService owner = Executors.newSingleThreadScheduledExecutor();
        ExecutorService appender = Executors.newSingleThreadExecutor();
        ExecutorService background = Executors.newSingleThreadExecutor();
        ExecutorService puts = Executors.newSingleThreadExecutor();
        RandomGenerator random = new SecureRandom();
        try {
            Loop loop = new ExecutorLoop(owner, () -> false);
            SystemDisk disk = new SystemDisk();
            LocalObjectStore bucket =
                    LocalObjectStore.open(disk, data.resolve("bucket"), random, puts);
            MetadataLog log =
                    arguments.length > 1
                            ? new EtcdMetadataLog(
                                    loop,
                                    background,
                                    JetcdEtcd.open(etcd(arguments[1]), loop, random),
                                    bucket,
                                    CLUSTER,
                                    EtcdLogSettings.DEFAULTS.sealingEvery(SEAL_ENTRIES),
                                    () -> true,
                                    random)
                            : new LocalMetadataLog(
                                    loop,
                                    appender,
                                    background,
                                    disk,
                                    data.resolve("log"),
                                    bucket,
                                    CLUSTER,
                                    localSettings(),
                                    random);
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            MetadataReplica replica =
                    MetadataReplica.open(
                                    loop,
                                    log,
                                    ReplicaSettings.embedded(FeatureLevels.ALL),
                                    Membership.ALONE,
                                    new MetadataMetrics(registry),
                                    random)
                            .join();
            new LargeState(replica, registry).measure();
            replica.close().join();
        } finally {
            List.of(owner, appender, background, puts).forEach(ExecutorService::shutdownNow);
        }
        // The client of etcd keeps threads of its own.
        System.exit(0);
    }

    private static EtcdSettings etcd(String url) {
        return EtcdSettings.of(List.of(URI.create(url)), Optional.empty(), Optional.empty());
    }

    private static LocalLogSettings localSettings() {
        LocalLogSettings usual = LocalLogSettings.DEFAULTS;
        return new LocalLogSettings(
                SEAL_ENTRIES,
                usual.sealBytes(),
                usual.sealAge(),
                usual.checkpointArchives(),
                usual.archivesKept());
    }

    private void measure() {
        long before = heapAfterCollection();
        for (int i = 0; i < TOPICS; i++) {
            create("large-" + i);
        }
        if (!(applied(new Command.ProducerIdsAllocated(PARTITIONS))
                instanceof Outcome.ProducerIds(long first, int count))) {
            throw new IllegalStateException("no producer ids");
        }
        firstProducer = first;
        long start = System.nanoTime();
        while (blocks < EXTENTS / ITEMS) {
            applied(block(ITEMS));
        }
        print("state built in s", "%.1f", (System.nanoTime() - start) / 1e9);
        awaitCheckpoints(timer("checkpoint").count() + 1);
        print("heap for the state, MiB", "%.0f", (heapAfterCollection() - before) / 1048576.0);

        LoopLateness lateness = new LoopLateness(replica.loop());
        lateness.begin();
        long kept = timer("checkpoint").count();
        double keptMs = timer("checkpoint").totalTime(TimeUnit.MILLISECONDS);
        awaitCheckpoints(kept + CHECKPOINTS);
        Timer checkpoints = timer("checkpoint");
        print("checkpoints", "%.0f", (double) (checkpoints.count() - kept));
        print(
                "each, mean ms",
                "%.0f",
                (checkpoints.totalTime(TimeUnit.MILLISECONDS) - keptMs)
                        / (checkpoints.count() - kept));
        print("the slowest of all, ms", "%.0f", checkpoints.max(TimeUnit.MILLISECONDS));
        print("its copy on the loop, at most ms", "%.1f", maxMs("snapshot"));
        print("the loop was late by at most ms", "%.1f", lateness.longestMs());
        print("apply of an entry, at most ms", "%.1f", maxMs("apply"));
        ManagementFactory.getGarbageCollectorMXBeans()
                .forEach(collector ->
                        print(
                                collector.getName() + ", ms in all",
                                "%.0f",
                                (double) collector.getCollectionTime()));
    }

    /** Goes on writing until so many checkpoints were kept. */
    private void awaitCheckpoints(long count) {
        while (timer("checkpoint").count() < count) {
            applied(block(1));
        }
    }

    private void create(String name) {
        Command create = new Command.TopicCreated(name, PARTITIONS_OF_A_TOPIC, Map.of());
        if (!(applied(create) instanceof Outcome.TopicReady(var topic))) {
            throw new IllegalStateException("the topic is there already: take an empty folder");
        }
        topics.add(topic.id());
    }

    private Command block(int size) {
        List<BatchItem> items = new ArrayList<>(size);
        long round = (long) blocks * ITEMS / PARTITIONS;
        for (int i = 0; i < size; i++) {
            int partition = (int) (((long) blocks * ITEMS + i) % PARTITIONS);
            items.add(
                    new BatchItem(
                            topics.get(partition / PARTITIONS_OF_A_TOPIC),
                            partition % PARTITIONS_OF_A_TOPIC,
                            10,
                            (long) i * EXTENT_BYTES,
                            EXTENT_BYTES,
                            1_700_000_000_000L + blocks,
                            new ProducerStamp(
                                    firstProducer + partition, (short) 0, (int) (round * 10))));
        }
        long indexPosition = (long) size * EXTENT_BYTES;
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, replica.incarnation(), blocks);
        blocks++;
        return new Command.BlockCommitted(
                new ObjectRef(id, indexPosition, indexPosition + 4096),
                1_700_000_000_000L + blocks,
                items);
    }

    private Outcome applied(Command command) {
        Proposal proposal = replica.propose(command, Lane.PRODUCE).join();
        if (proposal instanceof Proposal.Applied done) {
            return done.outcome();
        }
        throw new IllegalStateException("the log did not take it: " + proposal);
    }

    private Timer timer(String name) {
        return registry.timer("millrace.metadata." + name);
    }

    private double maxMs(String timer) {
        return timer(timer).max(TimeUnit.MILLISECONDS);
    }

    private static long heapAfterCollection() {
        // Twice: the first run may only find what finalization lets go.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void print(String what, String format, double value) {
        System.out.printf("%-34s " + format + "%n", what, value);
    }

    /** How late a loop is with what is due each millisecond. */
    private static final class LoopLateness {

        private static final Duration INTERVAL = Duration.ofMillis(1);

        private final Loop loop;
        private volatile long longestNanos;

        LoopLateness(Loop loop) {
            this.loop = loop;
        }

        void begin() {
            long due = loop.nanoTime() + INTERVAL.toNanos();
            loop.schedule(
                    INTERVAL,
                    () -> {
                        longestNanos = Math.max(longestNanos, loop.nanoTime() - due);
                        begin();
                    });
        }

        double longestMs() {
            return longestNanos / 1e6;
        }
    }
}
