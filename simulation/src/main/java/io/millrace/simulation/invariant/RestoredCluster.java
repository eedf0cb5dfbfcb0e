package io.millrace.simulation.invariant;

import io.millrace.compaction.bucket.Finding;
import io.millrace.compaction.bucket.Finding.Condition;
import io.millrace.compaction.bucket.ObjectStatus;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.Topic;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Checks a cluster after a restore: every node has the new generation, every restored record can be
 * read, and the bucket is left with exactly the objects of the restored log.
 */
public final class RestoredCluster {

    private static final long NEW_GENERATION = 2;

    private final SimulatedCluster cluster;
    private final RestoredLog log;
    private final List<RestoredReader> readers = new ArrayList<>();
    private List<Finding> unneeded = new ArrayList<>();
    private boolean isBucketClean;
    private String last = "no bucket check";

    public RestoredCluster(SimulatedCluster cluster, RestoredLog log) {
        this.cluster = cluster;
        this.log = log;
    }

    /** Returns whether every node serves under the new generation and allocated producer ids. */
    public boolean isServing() {
        return log.hasNewProducerIds()
                && cluster.nodes.stream().allMatch(RestoredCluster::hasNewGeneration);
    }

    private static boolean hasNewGeneration(SimulatedNode node) {
        NodeProcess process = node.serving();
        MetadataReplica replica = process == null ? null : process.replica();
        return replica != null && replica.generation() == NEW_GENERATION;
    }

    /** Starts to read all restored records on one node, and to check the bucket. */
    public void start() {
        SimulatedNode node = cluster.nodesWith(Role.FETCH).getFirst();
        for (Topic topic : log.state().topics().all()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                long end =
                        log.state()
                                .partition(topic.id(), i)
                                .map(PartitionLog::highWatermark)
                                .orElse(0L);
                RestoredReader reader =
                        new RestoredReader(cluster, node, new PartitionName(topic.name(), i), end);
                readers.add(reader);
                reader.start();
            }
        }
        checkBucket();
    }

    private void checkBucket() {
        NodeProcess process = cluster.nodes.getFirst().serving();
        unneeded = new ArrayList<>();
        if (process == null) {
            cluster.world.schedule(Duration.ofMillis(500), this::checkBucket);
            return;
        }
        process.checkBucket(this::found).whenComplete((done, failure) -> bucketChecked(failure));
    }

    private CompletableFuture<Void> found(List<Finding> some) {
        for (Finding finding : some) {
            cluster.violations.check(
                    finding.condition() == Condition.SOUND,
                    "after the restore, %s is %s: %s",
                    finding.name(),
                    finding.condition(),
                    finding.explanation());
            if (finding.status() == ObjectStatus.UNREFERENCED
                    || finding.status() == ObjectStatus.OLD_METADATA) {
                unneeded.add(finding);
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    private void bucketChecked(@Nullable Throwable failure) {
        last = failure == null ? unneeded.toString() : failure.toString();
        Set<?> present = cluster.storedObjects();
        log.references()
                .referenced()
                .forEach(id ->
                        cluster.violations.check(
                                present.contains(id),
                                "%s is referenced after the restore, but not in the bucket",
                                id));
        isBucketClean = failure == null && unneeded.isEmpty();
        if (!isBucketClean) {
            cluster.world.schedule(Duration.ofMillis(500), this::checkBucket);
        }
    }

    public boolean isDone() {
        return isBucketClean && readers.stream().allMatch(RestoredReader::isDone);
    }

    @Override
    public String toString() {
        return "the cluster after the restore: readers %s, bucket %s"
                .formatted(readers.stream().filter(reader -> !reader.isDone()).toList(), last);
    }
}
