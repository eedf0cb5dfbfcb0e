package io.millrace.compaction.bucket;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.EntryAges;
import io.millrace.compaction.RoundFailures;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CondemnedObject;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Removes unreferenced objects from the bucket:
 *
 * <ul>
 *   <li>Blocks and segments are condemned through the log, which orders this against a commit in
 *       flight.
 *   <li>Archives and checkpoints that the log manifest will never reference are deleted
 *       immediately.
 *   <li>Stale multipart uploads are aborted.
 * </ul>
 *
 * <p>Rounds repeat forever, because a request that timed out may still write an object. Owned by
 * the metadata's event loop.
 */
public final class OrphanSweep {

    private static final Logger LOG = Logger.getLogger(OrphanSweep.class);

    static final int OBJECTS_PER_COMMAND = 1_000;

    private static final int MAX_CANDIDATES = 50_000;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final String cluster;
    private final CompactionDuties duties;
    private final Duration interval;
    private final Duration grace;
    private final OrphanMetrics metrics;
    private final BucketWalk walk;
    private final ClusterRegions regions;
    private final OrphanCandidates candidates;
    private final BucketClock clock;
    private final StaleUploads uploads;
    private final RoundFailures failures;
    private final RoundFailures uploadFailures;

    public OrphanSweep(
            Metadata metadata,
            ObjectStore bucket,
            CompactionDuties duties,
            OrphanSettings settings,
            OrphanMetrics metrics) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.cluster = settings.cluster();
        this.duties = duties;
        this.interval = settings.interval();
        this.grace = settings.grace();
        this.metrics = metrics;
        this.walk = new BucketWalk(metadata, bucket, cluster);
        this.regions = new ClusterRegions(cluster);
        this.candidates = new OrphanCandidates(settings.grace(), MAX_CANDIDATES);
        this.clock = new BucketClock(metadata.loop());
        this.uploads =
                new StaleUploads(
                        metadata.loop(), bucket, cluster, settings.uploadGrace(), clock, metrics);
        this.failures =
                new RoundFailures(
                        LOG,
                        "The search for orphans in the bucket failed; the next round retries",
                        metrics::failed);
        this.uploadFailures =
                new RoundFailures(
                        LOG,
                        "Stale multipart uploads cannot be aborted and stay in the"
                                + " bucket; the next round retries",
                        metrics::failed);
    }

    /** Starts periodic rounds. Any thread. */
    public void start() {
        metadata.loop().runNowOrLater(this::scheduleRound);
    }

    private void scheduleRound() {
        metadata.loop().schedule(interval, this::round);
    }

    private void round() {
        if (!duties.isResponsibleForBucket(metadata.incarnation())) {
            candidates.clear();
            metrics.completedRound(new BucketTotals());
            scheduleRound();
            return;
        }
        BucketTotals totals = new BucketTotals();
        var unused =
                search(
                                object ->
                                        candidates.isOrphan(
                                                object.name(), metadata.loop().nanoTime()),
                                totals)
                        .whenCompleteAsync((done, failure) -> end(totals, failure), metadata.loop())
                        .thenComposeAsync(done -> abortUploads(), metadata.loop())
                        .whenCompleteAsync((done, failure) -> scheduleRound(), metadata.loop());
    }

    /** Fails separately: credentials may permit listing of objects but not of uploads. */
    private CompletableFuture<Void> abortUploads() {
        return uploads.abort()
                .whenCompleteAsync(
                        (done, failure) -> uploadFailures.roundEnded(failure), metadata.loop());
    }

    /**
     * Runs a single round, in which an orphan is an unreferenced object older than the grace period
     * by the bucket's clock. Only on the event loop; completes on any thread.
     */
    public CompletableFuture<Void> runOnce() {
        if (!duties.isResponsibleForBucket(metadata.incarnation())) {
            return CompletableFuture.completedFuture(null);
        }
        return metadata.manifest()
                .thenCompose(new EntryAges(bucket)::newestUpload)
                .thenComposeAsync(
                        now ->
                                search(
                                        object ->
                                                now.isPresent()
                                                        && !object.lastModified()
                                                                .plus(grace)
                                                                .isAfter(now.get()),
                                        new BucketTotals()),
                        metadata.loop())
                .thenComposeAsync(done -> uploads.abort(), metadata.loop());
    }

    private CompletableFuture<Void> search(Predicate<ListedObject> isToGo, BucketTotals totals) {
        return walk.ofCluster(some -> check(some, isToGo, totals));
    }

    private CompletableFuture<Void> check(
            List<SurveyedObject> some, Predicate<ListedObject> isToGo, BucketTotals totals) {
        List<SurveyedObject> own =
                some.stream()
                        .filter(surveyed -> regions.contains(surveyed.object().name()))
                        .toList();
        totals.add(own);
        List<CondemnedObject> orphans = new ArrayList<>();
        List<ObjectKey> past = new ArrayList<>();
        for (SurveyedObject surveyedObject : own) {
            ListedObject object = surveyedObject.object();
            clock.received(object.lastModified());
            switch (surveyedObject.status()) {
                case UNREFERENCED -> {
                    if (isToGo.test(object)) {
                        id(object)
                                .map(id -> new CondemnedObject(id, object.sizeBytes()))
                                .ifPresent(orphans::add);
                    }
                }
                case OLD_METADATA -> {
                    if (isToGo.test(object)) {
                        object.key().ifPresent(past::add);
                    }
                }
                case REFERENCED, IN_GRACE, METADATA, INCOMPLETE_UPLOAD, FOREIGN -> {}
            }
        }
        return condemn(orphans).thenComposeAsync(done -> delete(past), metadata.loop());
    }

    private Optional<ObjectId> id(ListedObject object) {
        return object.key().flatMap(key -> ObjectId.parse(key, cluster));
    }

    private CompletableFuture<Void> condemn(List<CondemnedObject> orphans) {
        if (orphans.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        int count = Math.min(OBJECTS_PER_COMMAND, orphans.size());
        List<CondemnedObject> now = orphans.subList(0, count);
        return metadata.propose(new Command.ObjectsCondemned(now), Priority.BACKGROUND)
                .thenApply(Proposal::acceptedOutcome)
                .thenCompose(done -> {
                    metrics.condemned(
                            count, now.stream().mapToLong(CondemnedObject::sizeBytes).sum());
                    return condemn(orphans.subList(count, orphans.size()));
                });
    }

    private CompletableFuture<Void> delete(List<ObjectKey> past) {
        if (past.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        int count = Math.min(OBJECTS_PER_COMMAND, past.size());
        return bucket.delete(past.subList(0, count))
                .thenComposeAsync(
                        result -> {
                            metrics.deletedMetadata(count - result.failures().size());
                            return delete(past.subList(count, past.size()))
                                    .thenRun(result::throwIfIncomplete);
                        },
                        metadata.loop());
    }

    private void end(BucketTotals totals, @Nullable Throwable failure) {
        failures.roundEnded(failure);
        if (failure == null) {
            candidates.endRound();
            metrics.completedRound(totals);
        } else {
            candidates.discardRound();
        }
    }
}
