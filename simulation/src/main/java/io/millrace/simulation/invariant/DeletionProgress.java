package io.millrace.simulation.invariant;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Appends entries until every object that was unreferenced at the start is deleted. Without
 * entries, the retained checkpoints would keep the objects.
 */
public final class DeletionProgress {

    private static final Duration INTERVAL = Duration.ofMillis(20);

    private final SimulatedCluster cluster;
    private final Set<ObjectId> left = new HashSet<>();

    public DeletionProgress(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    public void start() {
        left.addAll(cluster.storedObjects());
        left.removeAll(cluster.references.counts().referenced());
        append();
    }

    private void append() {
        left.retainAll(cluster.storedObjects());
        if (left.isEmpty()) {
            return;
        }
        cluster.nodes.forEach(DeletionProgress::append);
        cluster.world.schedule(INTERVAL, this::append);
    }

    private static void append(SimulatedNode node) {
        NodeProcess process = node.serving();
        MetadataReplica replica = process == null ? null : process.replica();
        if (process != null && replica != null) {
            process.loop.execute(() -> {
                var unused =
                        replica.propose(new Command.ProducerIdsAllocated(1), Priority.BACKGROUND);
            });
        }
    }

    public boolean isDone() {
        return left.isEmpty();
    }

    @Override
    public String toString() {
        return "unreferenced objects that are not deleted: " + left;
    }
}
