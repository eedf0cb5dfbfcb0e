package io.millrace.benchmarks;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.VerifiedClock;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.RecentObjects;
import io.millrace.compaction.schedule.CompactionScheduler;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.compaction.throttle.ProducerLoad;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.log.etcd.EtcdMetadataLog;
import io.millrace.metadata.log.local.LocalLogSettings;
import io.millrace.metadata.log.local.LocalMetadataLog;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.disk.SystemDisk;
import io.millrace.runtime.loop.ExecutorEventLoop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.local.LocalObjectStore;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;

/**
 * A process with metadata and a bucket in a folder. Opened, used and closed by one thread, which
 * may block.
 */
@SystemAccess("creates the threads of the log")
final class LogProcess implements AutoCloseable {

    static final String CLUSTER = "millrace";

    private static final int DISK_THREADS = 16;
    private static final long BEGAN_MS = 1_700_000_000_000L;

    private final List<ExecutorService> threads = new ArrayList<>();
    private final SystemDisk disk = new SystemDisk();
    private final RandomGenerator random = new SecureRandom();
    private final ExecutorEventLoop loop;
    private final LocalObjectStore bucket;
    private final MetadataReplica replica;

    private interface LogMaker {
        MetadataLog make(LogProcess process, ExecutorService background);
    }

    private LogProcess(Path data, LogMaker log, MeterRegistry registry) throws IOException {
        ScheduledExecutorService owner = Executors.newSingleThreadScheduledExecutor(daemons());
        threads.add(owner);
        loop = new ExecutorEventLoop(owner, () -> false);
        bucket =
                LocalObjectStore.open(
                        disk,
                        data.resolve("bucket"),
                        random,
                        added(Executors.newFixedThreadPool(DISK_THREADS, daemons())));
        replica =
                MetadataReplica.open(
                                loop,
                                log.make(this, thread()),
                                ReplicaSettings.embedded(FeatureLevels.ALL),
                                Membership.SINGLE_NODE,
                                new MetadataMetrics(registry),
                                random)
                        .join();
    }

    /** Returns merges as on a single node. */
    CompactionScheduler mergeJob(ObjectStore of, Executor worker, MeterRegistry registry) {
        RegisteredNode here =
                new RegisteredNode(
                        "here",
                        replica.incarnation(),
                        Set.of(Role.COMPACTION),
                        "",
                        "here",
                        1,
                        9,
                        0);
        return new CompactionScheduler(
                replica,
                of,
                RecentObjects.NONE,
                CLUSTER,
                new CompactionDuties(() -> List.of(here)),
                new VerifiedClock(replica, of, CLUSTER, InstantSource.system(), registry),
                MergeSettings.of(
                        64 << 20, Duration.ZERO, 16, 1 << 30, 128 << 20, 0, Duration.ofSeconds(1)),
                ProducerLoad.NONE,
                List.of(worker),
                new MergeMetrics(registry));
    }

    static LogProcess inFolder(Path data, LocalLogSettings settings, MeterRegistry registry)
            throws IOException {
        return new LogProcess(
                data,
                (process, background) ->
                        new LocalMetadataLog(
                                process.loop,
                                process.thread(),
                                background,
                                process.disk,
                                data.resolve("log"),
                                process.bucket,
                                CLUSTER,
                                settings,
                                process.random),
                registry);
    }

    /** Opens a process with the log in etcd, whose client keeps threads alive after the close. */
    static LogProcess inEtcd(Path data, URI etcd, EtcdLogSettings settings, MeterRegistry registry)
            throws IOException {
        EtcdSettings place = EtcdSettings.of(List.of(etcd), Optional.empty(), Optional.empty());
        return new LogProcess(
                data,
                (process, background) ->
                        new EtcdMetadataLog(
                                process.loop,
                                background,
                                JetcdEtcd.open(place, process.loop, process.random),
                                process.bucket,
                                CLUSTER,
                                settings,
                                () -> true,
                                process.random),
                registry);
    }

    private ExecutorService thread() {
        return added(Executors.newSingleThreadExecutor(daemons()));
    }

    private ExecutorService added(ExecutorService executor) {
        threads.add(executor);
        return executor;
    }

    private static ThreadFactory daemons() {
        return Thread.ofPlatform().daemon().factory();
    }

    ExecutorEventLoop loop() {
        return loop;
    }

    LocalObjectStore bucket() {
        return bucket;
    }

    MetadataReplica replica() {
        return replica;
    }

    long createTopic(String name, int partitions) {
        Command create = new Command.TopicCreated(name, partitions, Map.of());
        if (!(awaitApplied(create) instanceof Outcome.TopicReady(var topic))) {
            throw new IllegalStateException("the topic exists already: use an empty folder");
        }
        return topic.id();
    }

    /**
     * Commits a block that does not exist.
     *
     * @param sequence the sequence number among this process's blocks
     * @param items the items by position
     */
    void commitWithoutBlock(long sequence, List<BatchItem> items) {
        BatchItem last = items.getLast();
        long indexPosition = last.position() + last.length();
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, replica.incarnation(), sequence);
        awaitApplied(
                new Command.BlockCommitted(
                        new ObjectRef(id, indexPosition, indexPosition + 4096),
                        BEGAN_MS + sequence,
                        items));
    }

    Outcome awaitApplied(Command command) {
        Proposal proposal = replica.propose(command, Priority.PRODUCE).join();
        if (proposal instanceof Proposal.Applied done) {
            return done.outcome();
        }
        throw new IllegalStateException("the command was rejected: " + proposal);
    }

    @Override
    public void close() {
        replica.close().join();
        threads.forEach(ExecutorService::shutdownNow);
    }
}
