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
 * Deletes the objects that no extent names any more: once neither a reader nor another node can
 * still be in the middle of one, as a time of grace is over, and nobody can come back to a state
 * that names it, as all checkpoints of the log that are kept are newer. It deletes first and says
 * so in the log then: who dies in between leaves nothing but a deletion to be repeated. What alone
 * cannot be deleted is tried again for as long as this process lives, and after that is one of
 * those that nothing names, for which {@link io.millrace.compaction.bucket.OrphanSweep} searches.
 * Owned by the metadata's loop.
 */
public final class ObjectSweep {

    private static final Logger LOG = Logger.getLogger(ObjectSweep.class);

    /** So many objects are deleted between two notes in the log, or those of one entry. */
    static final int AT_A_TIME = 10_000;

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

    /** Whether the bucket was asked how old the log's past is, and what it said. */
    private boolean checked;

    private long overBefore;

    /**
     * @param cluster the name that the keys of its objects contain
     * @param interval from the end of a round to the start of the next
     * @param grace from when an object was dereferenced, as this process saw it or the bucket knows
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
                        "Objects that nothing needs any more stay in the bucket until this passes",
                        metrics::failed);
    }

    /** Begins, for the life of the loop. Any thread. */
    public void start() {
        metadata.loop().runNowOrLater(this::round);
    }

    private void round() {
        var unused =
                once().whenCompleteAsync(
                                (done, failure) -> {
                                    failures.roundEnds(failure);
                                    metadata.loop().schedule(interval, this::round);
                                },
                                metadata.loop());
    }

    /** Deletes what may go now. Only on the loop; completes on any thread. */
    public CompletableFuture<Void> once() {
        long nowNanos = metadata.loop().nanoTime();
        grace.applied(metadata.objects().entries(), nowNanos);
        long over = Math.max(overBefore, grace.over(nowNanos));
        if (!duties.isDutyOfBucket(metadata.incarnation())) {
            return CompletableFuture.completedFuture(null);
        }
        return deletions.tryAgain().thenComposeAsync(tried -> sweepIfDue(over), metadata.loop());
    }

    private CompletableFuture<Void> sweepIfDue(long over) {
        boolean due =
                !metadata.objects().dereferenced(checked ? over : Long.MAX_VALUE, 1).isEmpty();
        return due
                ? metadata.manifest().thenComposeAsync(past -> sweep(past, over), metadata.loop())
                : CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> sweep(LogManifest past, long over) {
        if (checked) {
            return sweep(Math.min(over, past.oldestPosition()));
        }
        // What went before this process began: the bucket knows how long ago that is.
        return new EntryAges(bucket)
                .olderThan(past, graceTime)
                .thenComposeAsync(
                        before -> {
                            checked = true;
                            overBefore = before;
                            return sweep(Math.min(Math.max(over, before), past.oldestPosition()));
                        },
                        metadata.loop());
    }

    private CompletableFuture<Void> sweep(long throughEntry) {
        return metadata.barrier().thenCompose(reached -> next(throughEntry));
    }

    /** Deletes some and says so, then the next ones. */
    private CompletableFuture<Void> next(long throughEntry) {
        List<DereferencedObjects> now = metadata.objects().dereferenced(throughEntry, AT_A_TIME);
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
                .thenCompose(done -> forget(now))
                .thenComposeAsync(done -> next(throughEntry), metadata.loop());
    }

    private CompletableFuture<Void> forget(List<DereferencedObjects> deleted) {
        return metadata.propose(
                        new Command.ObjectsForgotten(deleted.getLast().entry()),
                        Priority.BACKGROUND)
                .thenApply(Proposal::accepted)
                .thenAccept(forgotten -> metrics.deleted(deleted));
    }
}
