package io.millrace.it;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.log.etcd.EtcdMetadataLog;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.disk.SystemDisk;
import io.millrace.storage.object.local.LocalObjectStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * This process's own copy of a cluster's metadata, as a node of a later version has it: it is no
 * node of the cluster, but may propose as one would.
 */
@SystemAccess("makes threads")
final class MetadataObserver implements AutoCloseable {

    private final OwnLoop own = new OwnLoop();
    private final ExecutorService background = Executors.newSingleThreadExecutor();
    private final JetcdEtcd etcd;
    private final EtcdMetadataLog log;
    private final MetadataReplica replica;

    /**
     * @param bucket the folder that the cluster has for a bucket
     */
    MetadataObserver(List<URI> endpoints, Path bucket, String cluster, long seed)
            throws IOException {
        this(endpoints, bucket, cluster, seed, EtcdLogSettings.DEFAULTS, false);
    }

    private MetadataObserver(
            List<URI> endpoints,
            Path bucket,
            String cluster,
            long seed,
            EtcdLogSettings settings,
            boolean seals)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        etcd =
                JetcdEtcd.open(
                        EtcdSettings.of(endpoints, Optional.empty(), Optional.empty()),
                        own.loop,
                        random.split());
        log =
                new EtcdMetadataLog(
                        own.loop,
                        background,
                        etcd,
                        LocalObjectStore.open(new SystemDisk(), bucket, random.split(), background),
                        cluster,
                        settings,
                        () -> seals,
                        random.split());
        replica =
                own.call(() ->
                        MetadataReplica.open(
                                own.loop,
                                log,
                                ReplicaSettings.cluster(Duration.ofDays(1), TestLevels.TWO),
                                MetadataFixture.FOLLOWER,
                                new MetadataMetrics(new SimpleMeterRegistry()),
                                random.split()));
    }

    /** One that seals the log too, whoever else does. */
    static MetadataObserver sealing(
            List<URI> endpoints, Path bucket, String cluster, long seed, Duration sealAge)
            throws IOException {
        EtcdLogSettings settings = EtcdLogSettings.DEFAULTS.sealingAt(sealAge);
        return new MetadataObserver(endpoints, bucket, cluster, seed, settings, true);
    }

    /** How many epochs it closed. */
    long seals() {
        return log.figures().seals();
    }

    /** The feature level in force. */
    int level() {
        return own.call(() -> replica.barrier().thenApply(reached -> replica.featureLevel()));
    }

    /** The digest of all that is in the log now. */
    long digest() {
        return own.call(() -> replica.barrier().thenApply(reached -> replica.digest()));
    }

    /** Proposes a command and waits for what becomes of it. */
    Proposal propose(Command command) {
        return own.call(() -> replica.propose(command, Priority.BACKGROUND));
    }

    /** Whether there is a topic. */
    boolean hasTopic() {
        return own.call(
                () -> replica.barrier().thenApply(reached -> !replica.topics().all().isEmpty()));
    }

    /** The id of a topic. */
    long topic() {
        return own.call(() ->
                replica.barrier()
                        .thenApply(reached -> replica.topics().all().iterator().next().id()));
    }

    @Override
    public void close() {
        own.call(() -> replica.close().thenApply(closed -> true));
        own.run(etcd::close);
        own.close();
        background.shutdownNow();
    }
}
