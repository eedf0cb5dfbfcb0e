package io.millrace.metadata.log.etcd;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.replica.LevelPolicy;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.MemoryObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** Replicas of one log on a fake etcd, in virtual time, with small epochs. */
final class EtcdCluster {

    private final EtcdLogSettings logSettings;

    /** A process. */
    static final class Member {
        final FakeEtcd.Client client;
        final CompletableFuture<MetadataReplica> opening;
        private final MeterRegistry meters;
        boolean seals;

        Member(
                FakeEtcd.Client client,
                MeterRegistry meters,
                CompletableFuture<MetadataReplica> opening) {
            this.client = client;
            this.meters = meters;
            this.opening = opening;
        }

        MetadataReplica replica() {
            return opening.join();
        }

        double meter(String name) {
            return meters.get(name).gauge().value();
        }

        long timed(String name) {
            return meters.get(name).timer().count();
        }
    }

    final SimulatedEventLoop loop = new SimulatedEventLoop();
    final FakeEtcd etcd = new FakeEtcd(loop);
    final MemoryObjectStore bucket =
            new MemoryObjectStore(
                    Runnable::run, () -> Instant.ofEpochSecond(1_700_000_000, loop.nanoTime()));
    final List<Member> members = new ArrayList<>();
    private final SplittableRandom random;

    EtcdCluster(long seed) {
        this(seed, 100, Duration.ZERO);
    }

    /**
     * @param archivesKept the number of covered archives to keep
     */
    EtcdCluster(long seed, int archivesKept) {
        this(seed, archivesKept, Duration.ZERO);
    }

    /**
     * @param archivesKept the number of archives covered by every kept checkpoint to keep
     * @param checkpointsKept the retention time of superseded checkpoints
     */
    EtcdCluster(long seed, int archivesKept, Duration checkpointsKept) {
        this(seed, archivesKept, checkpointsKept, 1 << 20);
    }

    private EtcdCluster(
            long seed, int archivesKept, Duration checkpointsKept, int maxUncoveredBytes) {
        random = new SplittableRandom(seed);
        logSettings =
                new EtcdLogSettings(
                        7,
                        1 << 20,
                        Duration.ofSeconds(20),
                        2,
                        maxUncoveredBytes,
                        archivesKept,
                        checkpointsKept,
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(10),
                        Duration.ofMillis(200),
                        3,
                        Optional.empty());
    }

    /** Returns a cluster with a limit of the list of archives after the last checkpoint. */
    static EtcdCluster ofUncoveredBytes(int limit) {
        return new EtcdCluster(1, 0, Duration.ZERO, limit);
    }

    /** Starts a process, which becomes ready as time passes. */
    Member start(boolean seals) {
        return start(seals, new SuspendableProcess());
    }

    /**
     * Starts a process, which becomes ready as time passes.
     *
     * @param held the connections of the process, which can suspend it
     */
    Member start(boolean seals, SuspendableProcess held) {
        FakeEtcd.Client client = etcd.client();
        MeterRegistry meters = new SimpleMeterRegistry();
        Member[] self = new Member[1];
        EtcdMetadataLog log =
                new EtcdMetadataLog(
                        loop,
                        loop,
                        held.to(client),
                        held.to(bucket),
                        "test",
                        logSettings,
                        () -> self[0].seals,
                        random.split());
        ReplicaSettings settings =
                new ReplicaSettings(
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(1),
                        Duration.ofDays(7),
                        Duration.ofDays(7),
                        Duration.ofSeconds(10),
                        Long.MAX_VALUE,
                        FeatureLevels.ALL,
                        LevelPolicy.AUTOMATIC);
        self[0] =
                new Member(
                        client,
                        meters,
                        MetadataReplica.open(
                                loop,
                                log,
                                settings,
                                MetadataFixture.FOLLOWER,
                                new MetadataMetrics(meters),
                                random.split()));
        self[0].seals = seals;
        members.add(self[0]);
        return self[0];
    }

    /** Starts a process and waits until it is ready. */
    Member startReady(boolean seals) {
        Member member = start(seals);
        loop.advance(Duration.ofSeconds(1));
        member.replica();
        return member;
    }

    CompletableFuture<Proposal> create(Member member, String topic) {
        return member.replica()
                .propose(new Command.TopicCreated(topic, 1, Map.of()), Priority.PRODUCE);
    }

    /**
     * Returns the age of the last checkpoint from which a single archive suffices for a new
     * checkpoint.
     */
    Duration checkpointAge() {
        return logSettings.checkpointAge();
    }

    void pass(Duration time) {
        loop.advance(time);
    }
}
