package io.millrace.simulation.invariant;

import io.millrace.compaction.bucket.Finding;
import io.millrace.compaction.bucket.Finding.Condition;
import io.millrace.compaction.bucket.ObjectStatus;
import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Checks the bucket at the end of a run, until no orphan, unreachable reference, due deletion or
 * unfinished upload is left. A missing or damaged object is a violation at once.
 */
public final class FinalBucketCheck {

    private final SimulatedCluster cluster;
    private final SimulatedNode node;
    private List<Finding> unneeded = new ArrayList<>();
    private boolean done;
    private String last = "not begun";

    public FinalBucketCheck(SimulatedCluster cluster, SimulatedNode node) {
        this.cluster = cluster;
        this.node = node;
    }

    public void start() {
        NodeProcess process = node.serving();
        if (process == null) {
            later();
            return;
        }
        unneeded = new ArrayList<>();
        process.checkBucket(this::check)
                .whenComplete((reported, failure) -> ended(process, failure));
    }

    private void later() {
        cluster.world.schedule(Duration.ofMillis(500), this::start);
    }

    private CompletableFuture<Void> check(List<Finding> some) {
        for (Finding finding : some) {
            cluster.violations.check(
                    finding.condition() == Condition.SOUND,
                    "%s is %s: %s",
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

    private void ended(NodeProcess process, @Nullable Throwable failure) {
        last = failure == null ? unneeded.toString() : failure.toString();
        done =
                failure == null
                        && unneeded.isEmpty()
                        && hasExactlyTheNeededObjects()
                        && nothingIsUnreachable(process)
                        && allDeletionsEnded(process)
                        && allUploadsEnded();
        if (!done) {
            later();
        }
    }

    private boolean nothingIsUnreachable(NodeProcess process) {
        MetadataReplica replica = process.replica();
        List<OffloadedRange> unreachable =
                replica == null
                        ? List.of()
                        : replica.objects().unreachableRanges(Optional.empty(), 1);
        unreachable.forEach(row -> last = "%s is owed".formatted(row));
        return unreachable.isEmpty();
    }

    /**
     * Returns whether all due objects are deleted. After the grace period, only a retained
     * checkpoint delays a deletion.
     */
    private boolean allDeletionsEnded(NodeProcess process) {
        MetadataReplica replica = process.replica();
        long entry = cluster.logManifest().oldestPosition();
        List<DereferencedObjects> waiting =
                replica == null ? List.of() : replica.objects().dereferenced(entry, 1);
        waiting.forEach(object -> last = "%s is due for deletion".formatted(object));
        return waiting.isEmpty();
    }

    /**
     * Checks by the model that all referenced objects exist. Returns whether every other object
     * waits for its deletion until the oldest checkpoint is gone.
     */
    private boolean hasExactlyTheNeededObjects() {
        cluster.references.compare();
        ReferenceCounts references = cluster.references.counts();
        Set<ObjectId> present = cluster.storedObjects();
        references
                .referenced()
                .forEach(id ->
                        cluster.violations.check(
                                present.contains(id),
                                "%s is referenced, but not in the bucket",
                                id));
        long oldest = cluster.logManifest().oldestPosition();
        List<ObjectId> due =
                present.stream()
                        .filter(id ->
                                !references.referenced().contains(id)
                                        && references.unreferencedAt(id).orElse(0) <= oldest)
                        .toList();
        due.forEach(id -> last = "%s should be deleted".formatted(id));
        return due.isEmpty();
    }

    private boolean allUploadsEnded() {
        List<UploadId> unfinished = new ArrayList<>(cluster.uploads.unfinishedUploads());
        cluster.bucket
                .uploads()
                .listUnfinished("", Optional.empty(), 1000)
                .join()
                .uploads()
                .forEach(object -> unfinished.add(object.id()));
        unfinished.forEach(object -> last = "the upload %s is unfinished".formatted(object));
        return unfinished.isEmpty();
    }

    public boolean isDone() {
        return done;
    }

    @Override
    public String toString() {
        return "the bucket check on node %d: %s".formatted(node.number(), last);
    }
}
