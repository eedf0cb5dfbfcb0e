package io.millrace.simulation.invariant;

import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The WAL blocks that have waited too long for a merge. Undamaged blocks must be merged, except a
 * single block per node.
 */
public final class WaitingBlocks {

    private static final Duration DELAY = Duration.ofSeconds(5);

    private final SimulatedCluster cluster;

    public WaitingBlocks(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    public boolean isEmpty() {
        return cluster.nodes.stream()
                .map(SimulatedNode::serving)
                .filter(Objects::nonNull)
                .map(NodeProcess::replica)
                .filter(Objects::nonNull)
                .findFirst()
                .filter(replica -> waiting(replica).size() <= cluster.nodes.size())
                .isPresent();
    }

    private List<ObjectId> waiting(MetadataReplica replica) {
        long beforeMs = cluster.wallMs() - DELAY.toMillis();
        return replica.objects().referencedObjects().stream()
                .filter(object -> object.wasStoredBy(beforeMs) && object.offloadedExtents() == 0)
                .map(object -> object.object().id())
                .filter(object ->
                        object.kind() == ObjectId.Kind.WAL
                                && cluster.damage.wasNeverDamaged(object))
                .toList();
    }

    @Override
    public String toString() {
        return cluster.nodes.stream()
                .map(SimulatedNode::serving)
                .filter(Objects::nonNull)
                .map(NodeProcess::replica)
                .filter(Objects::nonNull)
                .map(replica -> "blocks that wait for a merge: %s".formatted(waiting(replica)))
                .findFirst()
                .orElse("no node serves");
    }
}
