package io.millrace.simulation.fault;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Restores etcd from a backup under a new generation, while nodes of the earlier generation append
 * and some are suspended.
 */
public final class EtcdRestore {

    private static final String NEW_GENERATION = "0000000000000002";
    private static final int MAX_REVISION_INCREASE = 1_000_000;
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final SimulatedCluster cluster;
    private final SplittableRandom random;
    private FakeEtcd.@Nullable Backup backup;
    private boolean ended;

    public EtcdRestore(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.random = cluster.random.split();
    }

    /** Takes the backup at a random time. */
    public void start(Duration latest) {
        cluster.world.schedule(
                FaultState.between(random, 1000, Math.toIntExact(latest.toMillis())),
                () -> {
                    if (entries(cluster.etcd.backup()) > 0) {
                        backup = cluster.etcd.backup();
                        cluster.trace.note(cluster.world.nanoTime(), "backup", 0, 0, 0);
                    }
                });
    }

    public boolean hasBackup() {
        return backup != null;
    }

    private static long entries(FakeEtcd.Backup backup) {
        return backup.keys().stream()
                .filter(key -> key.key().endsWith("/log/head"))
                .mapToLong(Etcd.KeyValue::version)
                .findFirst()
                .orElse(0);
    }

    /** Stops etcd for some seconds and restores it at the end. Requests in flight arrive later. */
    public void restore() {
        append();
        for (SimulatedNode node : cluster.nodes) {
            if (random.nextInt(3) == 0) {
                node.pause(FaultState.between(random, 1000, 15_000));
            }
        }
        Duration outage = FaultState.between(random, 50, 8000);
        cluster.faults.etcdUnavailableUntil = cluster.world.nanoTime() + outage.toNanos();
        cluster.world.schedule(outage, this::replaceKeys);
    }

    private void replaceKeys() {
        FakeEtcd.Backup saved = backup;
        if (saved == null) {
            return;
        }
        int more = random.nextInt(MAX_REVISION_INCREASE);
        cluster.etcd.restore(saved, saved.revision() + (random.nextBoolean() ? 0 : more));
        cluster.etcd.put("/millrace/" + SimulatedCluster.NAME + "/generation", NEW_GENERATION);
        cluster.restored(entries(saved));
    }

    /** Makes all nodes append entries that allocate producer ids. */
    private void append() {
        if (!ended) {
            cluster.nodes.forEach(EtcdRestore::append);
            cluster.world.schedule(INTERVAL, this::append);
        }
    }

    private static void append(SimulatedNode node) {
        NodeProcess process = node.process();
        MetadataReplica replica = process == null ? null : process.replica();
        if (process != null && replica != null) {
            process.loop.execute(() -> {
                var unused =
                        replica.propose(
                                new Command.ProducerIdsAllocated(1, replica.generation()),
                                Priority.BACKGROUND);
            });
        }
    }

    /** Ends the appends. */
    public void end() {
        ended = true;
    }
}
