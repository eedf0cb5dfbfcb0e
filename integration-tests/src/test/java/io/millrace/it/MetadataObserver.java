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
 * This process's own replica of a cluster's metadata, as in a node of a later version. It is not
 * registered as a node, but may propose commands.
 */
@SystemAccess("makes threads")
final class MetadataObserver implements AutoCloseable {

    private final ThreadedEventLoop own = new ThreadedEventLoop();
    private final ExecutorService background = Executors.newSingleThreadExecutor();
    private final JetcdEtcd etcd;
    private final EtcdMetadataLog log;
    private final MetadataReplica replica;

    /**
     * @param bucket the folder of the cluster's bucket
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

    /** Opens a replica that also seals the log, regardless of the leader. */
    static MetadataObserver sealing(
            List<URI> endpoints, Path bucket, String cluster, long seed, Duration sealAge)
            throws IOException {
        EtcdLogSettings settings = EtcdLogSettings.DEFAULTS.withSealAge(sealAge);
        return new MetadataObserver(endpoints, bucket, cluster, seed, settings, true);
    }

    /** Returns the number of epochs that this replica sealed. */
    long seals() {
        return log.statistics().seals();
    }

    int level() {
        return own.call(() -> replica.barrier().thenApply(reached -> replica.featureLevel()));
    }

    /** Returns the digest after the current end of the log. */
    long digest() {
        return own.call(() -> replica.barrier().thenApply(reached -> replica.digest()));
    }

    /** Proposes a command and waits for the outcome. */
    Proposal propose(Command command) {
        return own.call(() -> replica.propose(command, Priority.BACKGROUND));
    }

    /** Returns whether there is any topic. */
    boolean hasTopic() {
        return own.call(
                () -> replica.barrier().thenApply(reached -> !replica.topics().all().isEmpty()));
    }

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
