package io.millrace.compaction.sweep;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.EntryAges;
import io.millrace.compaction.RoundFailures;
import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.log.LogManifest;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Deletes dereferenced objects after their grace period, when all retained checkpoints are newer
 * than the dereferencing entry.
 *
 * <p>Deletion precedes the entry in the log, so a crash in between only repeats the deletion.
 * Objects that cannot be deleted are later found by {@link
 * io.millrace.compaction.bucket.OrphanSweep}. Owned by the metadata's event loop.
 */
public final class ObjectSweep {

    private static final Logger LOG = Logger.getLogger(ObjectSweep.class);

    /**
     * Number of deleted objects between two log entries; objects dereferenced by one entry are
     * never split.
     */
    static final int OBJECTS_PER_ENTRY = 10_000;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final Deletions deletions;
    private final String cluster;
    private final CompactionDuties duties;
    private final Duration interval;
    private final Duration graceTime;
    private final GracePeriod grace;
    private final SweepMetrics metrics;
    private final RoundFailures failures;

    private boolean agesRead;

    private long expiredBefore;

    /**
     * @param interval time from the end of a round to the start of the next
     * @param grace from the dereference as observed by this process or dated by the bucket
     */
    public ObjectSweep(
            Metadata metadata,
            ObjectStore bucket,
            String cluster,
            CompactionDuties duties,
            Duration interval,
            Duration grace,
            SweepMetrics metrics) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.deletions = new Deletions(metadata.loop(), bucket, metrics);
        this.cluster = cluster;
        this.duties = duties;
        this.interval = interval;
        this.graceTime = grace;
        this.grace = new GracePeriod(grace);
        this.metrics = metrics;
        this.failures =
                new RoundFailures(
                        LOG,
                        "Unreferenced objects cannot be deleted and stay in the bucket;"
                                + " the next round retries",
                        metrics::failed);
    }

    /** Starts periodic rounds. Any thread. */
    public void start() {
        metadata.loop().runNowOrLater(this::round);
    }

    private void round() {
        var unused =
                runOnce()
                        .whenCompleteAsync(
                                (done, failure) -> {
                                    failures.roundEnded(failure);
                                    metadata.loop().schedule(interval, this::round);
                                },
                                metadata.loop());
    }

    /** Runs one round. Only on the event loop; completes on any thread. */
    public CompletableFuture<Void> runOnce() {
        long nowNanos = metadata.loop().nanoTime();
        grace.applied(metadata.objects().appliedEntries(), nowNanos);
        long over = Math.max(expiredBefore, grace.expiredEntries(nowNanos));
        if (!duties.isResponsibleForBucket(metadata.incarnation())) {
            return CompletableFuture.completedFuture(null);
        }
        return deletions.retry().thenComposeAsync(tried -> sweepIfDue(over), metadata.loop());
    }

    private CompletableFuture<Void> sweepIfDue(long over) {
        boolean due =
                !metadata.objects().dereferenced(agesRead ? over : Long.MAX_VALUE, 1).isEmpty();
        return due
                ? metadata.manifest().thenComposeAsync(past -> sweep(past, over), metadata.loop())
                : CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> sweep(LogManifest past, long over) {
        if (agesRead) {
            return sweep(Math.min(over, past.oldestPosition()));
        }
        // The bucket dates entries from before the start of this process.
        return new EntryAges(bucket)
                .lastOlderThan(past, graceTime)
                .thenComposeAsync(
                        before -> {
                            agesRead = true;
                            expiredBefore = before;
                            return sweep(Math.min(Math.max(over, before), past.oldestPosition()));
                        },
                        metadata.loop());
    }

    private CompletableFuture<Void> sweep(long throughEntry) {
        return metadata.barrier().thenCompose(reached -> deleteNext(throughEntry));
    }

    private CompletableFuture<Void> deleteNext(long throughEntry) {
        List<DereferencedObjects> now =
                metadata.objects().dereferenced(throughEntry, OBJECTS_PER_ENTRY);
        if (now.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        Iterator<ObjectKey> keys =
                now.stream()
                        .flatMap(DereferencedObjects::ids)
                        .map(id -> id.key(cluster))
                        .iterator();
        return deletions
                .delete(keys)
                .thenCompose(done -> reportDeleted(now))
                .thenComposeAsync(done -> deleteNext(throughEntry), metadata.loop());
    }

    private CompletableFuture<Void> reportDeleted(List<DereferencedObjects> deleted) {
        return metadata.propose(
                        new Command.ObjectsForgotten(deleted.getLast().entry()),
                        Priority.BACKGROUND)
                .thenApply(Proposal::acceptedOutcome)
                .thenAccept(forgotten -> metrics.deleted(deleted));
    }
}
