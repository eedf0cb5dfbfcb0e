package io.millrace.metadata.log.local;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.replica.LevelPolicy;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.runtime.disk.CrashingDisk;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.local.LocalObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * One run of a process whose log and bucket are on a {@link CrashingDisk}, with epochs of five
 * entries. Proposes numbered topics, so that the state shows the outcomes.
 */
final class LogOnCrashingDisk {

    static final Path LOG = Path.of("/data/log");
    static final Path BUCKET = Path.of("/data/bucket");
    private static final LocalLogSettings SMALL =
            new LocalLogSettings(5, 1 << 20, Duration.ofSeconds(60), 2, 1);
    private static final ReplicaSettings REPLICA =
            new ReplicaSettings(
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(1),
                    Duration.ofDays(7),
                    Duration.ofDays(7),
                    Duration.ZERO,
                    Long.MAX_VALUE,
                    FeatureLevels.ALL,
                    LevelPolicy.AUTOMATIC);

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataReplica replica;

    private LogOnCrashingDisk(CrashingDisk disk, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        ObjectStore bucket = LocalObjectStore.open(disk, BUCKET, random.split(), Runnable::run);
        LocalMetadataLog log =
                new LocalMetadataLog(
                        loop, loop, loop, disk, LOG, bucket, "test", SMALL, random.split());
        CompletableFuture<MetadataReplica> opening =
                MetadataReplica.open(
                        loop,
                        log,
                        REPLICA,
                        MetadataFixture.FOLLOWER,
                        new MetadataMetrics(new SimpleMeterRegistry()),
                        random);
        loop.runReady();
        replica = opening.join();
    }

    /** Starts a process. The seed determines its incarnation and its object keys. */
    static LogOnCrashingDisk start(CrashingDisk disk, long seed) {
        try {
            return new LogOnCrashingDisk(disk, seed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Proposes the topic of this number and lets a second pass; returns whether the proposal was
     * acknowledged.
     */
    boolean create(int number) {
        CompletableFuture<Proposal> proposal =
                replica.propose(
                        new Command.TopicCreated("topic-" + number, 1 + number % 3, Map.of()),
                        Priority.BACKGROUND);
        loop.advance(Duration.ofSeconds(1));
        return proposal.join() instanceof Proposal.Applied applied
                && applied.outcome() instanceof Outcome.TopicReady;
    }

    /** Returns the number of topics. */
    int topics() {
        return replica.topics().all().size();
    }

    boolean has(int number) {
        return replica.topics().named("topic-" + number).isPresent();
    }

    long digest() {
        return replica.digest();
    }

    void close() {
        CompletableFuture<Void> closed = replica.close();
        loop.runReady();
        closed.join();
    }
}
