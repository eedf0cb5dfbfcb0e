package io.millrace.benchmarks;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.log.local.LocalLogSettings;
import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.loop.EventLoop;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Measures heap, duration of checkpoints, and delay of entries with a large state. {@code
 * LargeState FOLDER [ETCD]} writes 100,000 partitions, 1,000,000 extents and 100,000 idempotent
 * producers. A node can start from the folder and etcd. The referenced objects do not exist.
 */
@SystemAccess("reads the clock")
public final class LargeState {

    private static final int TOPICS = 10;
    private static final int PARTITIONS_OF_A_TOPIC = 10_000;
    private static final int PARTITIONS = TOPICS * PARTITIONS_OF_A_TOPIC;
    private static final int EXTENTS = 1_000_000;
    private static final int ITEMS = 100;
    private static final int EXTENT_BYTES = 10_737;
    private static final int SEAL_ENTRIES = 1_000;
    private static final int CHECKPOINTS = 5;

    private final LogProcess process;
    private final SimpleMeterRegistry registry;
    private final List<Long> topics = new ArrayList<>();
    private long firstProducer;
    private int blocks;

    private LargeState(LogProcess process, SimpleMeterRegistry registry) {
        this.process = process;
        this.registry = registry;
    }

    public static void main(String... arguments) throws IOException {
        Path data = Path.of(arguments[0]);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (LogProcess process =
                arguments.length > 1
                        ? LogProcess.inEtcd(
                                data,
                                URI.create(arguments[1]),
                                EtcdLogSettings.DEFAULTS.withSealEntries(SEAL_ENTRIES),
                                registry)
                        : LogProcess.inFolder(data, localSettings(), registry)) {
            new LargeState(process, registry).measure();
        }
        // The etcd client keeps threads alive.
        System.exit(0);
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
            topics.add(process.createTopic("large-" + i, PARTITIONS_OF_A_TOPIC));
        }
        if (!(process.awaitApplied(new Command.ProducerIdsAllocated(PARTITIONS))
                instanceof Outcome.ProducerIds(long first, int count))) {
            throw new IllegalStateException("no producer ids");
        }
        firstProducer = first;
        long start = System.nanoTime();
        while (blocks < EXTENTS / ITEMS) {
            write(ITEMS);
        }
        print("state built in s", "%.1f", (System.nanoTime() - start) / 1e9);
        awaitCheckpoints(timer("checkpoint").count() + 1);
        print("heap for the state, MiB", "%.0f", (heapAfterCollection() - before) / 1048576.0);

        LoopLateness lateness = new LoopLateness(process.loop());
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
        print("the slowest one, ms", "%.0f", checkpoints.max(TimeUnit.MILLISECONDS));
        print("its copy on the event loop, max ms", "%.1f", maxMs("snapshot"));
        print("delay of the event loop, max ms", "%.1f", lateness.maxMs());
        print("apply of an entry, max ms", "%.1f", maxMs("apply"));
        ManagementFactory.getGarbageCollectorMXBeans()
                .forEach(collector ->
                        print(
                                collector.getName() + ", ms in all",
                                "%.0f",
                                (double) collector.getCollectionTime()));
    }

    private void awaitCheckpoints(long count) {
        while (timer("checkpoint").count() < count) {
            write(1);
        }
    }

    private void write(int size) {
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
        process.commitWithoutBlock(blocks++, items);
    }

    private Timer timer(String name) {
        return registry.timer("millrace.metadata." + name);
    }

    private double maxMs(String timer) {
        return timer(timer).max(TimeUnit.MILLISECONDS);
    }

    private static long heapAfterCollection() {
        // Twice, since the first run may only find objects that finalization releases.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void print(String what, String format, double value) {
        System.out.printf("%-34s " + format + "%n", what, value);
    }

    /** The delay of an event loop with a task due each millisecond. */
    private static final class LoopLateness {

        private static final Duration INTERVAL = Duration.ofMillis(1);

        private final EventLoop loop;
        private volatile long maxNanos;

        LoopLateness(EventLoop loop) {
            this.loop = loop;
        }

        void begin() {
            long due = loop.nanoTime() + INTERVAL.toNanos();
            loop.schedule(
                    INTERVAL,
                    () -> {
                        maxNanos = Math.max(maxNanos, loop.nanoTime() - due);
                        begin();
                    });
        }

        double maxMs() {
            return maxNanos / 1e6;
        }
    }
}
