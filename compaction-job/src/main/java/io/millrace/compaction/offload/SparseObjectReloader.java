package io.millrace.compaction.offload;

import io.millrace.compaction.BucketProbe;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.Cooldown;
import io.millrace.compaction.ProbedReads;
import io.millrace.compaction.merge.RetentionClass;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.Run;
import io.millrace.storage.stream.StreamObjectIndex;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Reloads the offloaded extents of sparse objects in topics of this node, so that merges can
 * rewrite these objects. A budget limits the extents per hour.
 *
 * <p>Later ranges of the partition are reloaded too, because only the last range can be reloaded.
 * Extents further from the end than the offload threshold stay: a reload would make nodes reject
 * producers. Owned by the metadata's event loop.
 */
final class SparseObjectReloader {

    /** Time for a merge to move reloaded extents. */
    private static final Duration MERGE_TIME = Duration.ofHours(1);

    /** Time before a reload without effect is repeated. */
    private static final Duration RETRY_TIME = Duration.ofDays(1);

    private static final int OBJECTS_PER_ROUND = 4;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final CompactionDuties duties;
    private final OffloadSettings settings;
    private final InstantSource clock;
    private final ExtentReloader reloads;
    private final ProbedReads reads;
    private final Cooldown<ObjectId> reloaded;

    /** Prevents repeated reloads of an unchanged object. */
    private final Cooldown<ReloadAttempt> attempted;

    private final Cooldown<ObjectId> complete;

    private final ReloadBudget budget;
    private final long maxExtentsPerPartition;

    private record ReloadAttempt(ObjectId object, int offloadedExtents) {

        static ReloadAttempt of(StoredObject storedObject) {
            return new ReloadAttempt(storedObject.object().id(), storedObject.offloadedExtents());
        }
    }

    SparseObjectReloader(
            Metadata metadata,
            ObjectStore bucket,
            CompactionDuties duties,
            OffloadSettings settings,
            InstantSource clock,
            ExtentReloader reloads) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.duties = duties;
        this.settings = settings;
        this.clock = clock;
        this.reloads = reloads;
        this.reads = new ProbedReads(new BucketProbe(metadata, bucket, settings.cluster()));
        this.reloaded = new Cooldown<>(metadata.loop(), MERGE_TIME);
        this.attempted = new Cooldown<>(metadata.loop(), RETRY_TIME);
        this.complete = new Cooldown<>(metadata.loop(), RETRY_TIME);
        this.budget = new ReloadBudget(metadata.loop(), settings.extents(), MERGE_TIME);
        this.maxExtentsPerPartition =
                Math.max(settings.extents(), OffloadSettings.MAX_RANGE_EXTENTS);
    }

    boolean isReloaded(ObjectId object) {
        return reloaded.contains(object);
    }

    /** Reloads some due objects. Called and completed on the event loop. */
    CompletableFuture<Void> run() {
        return next(due().iterator());
    }

    private List<StoredObject> due() {
        long nowMs = clock.millis();
        return metadata.objects().referencedObjects().stream()
                .filter(object -> object.offloadedExtents() > 0 && object.isSparse())
                .filter(object -> object.object().id().kind() != ObjectId.Kind.MANIFEST)
                .filter(this::isDue)
                .filter(object ->
                        !RetentionClass.of(metadata.topics(), object.topicId())
                                .expiresSoon(object.storedMs(), nowMs))
                .sorted(StoredObject.OLDEST_FIRST)
                .limit(OBJECTS_PER_ROUND)
                .toList();
    }

    private boolean isDue(StoredObject storedObject) {
        ObjectId object = storedObject.object().id();
        return !complete.contains(object)
                && (reloaded.contains(object)
                        || !attempted.contains(ReloadAttempt.of(storedObject)));
    }

    private CompletableFuture<Void> next(Iterator<StoredObject> objects) {
        if (!objects.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        StoredObject storedObject = objects.next();
        ObjectRef object = storedObject.object();
        return runs(object)
                .thenComposeAsync(
                        runs -> reloadPartitions(storedObject, runs.iterator()), metadata.loop())
                .thenComposeAsync(
                        isAll -> {
                            if (!isAll) {
                                return CompletableFuture.completedFuture(null);
                            }
                            complete.start(object.id());
                            return next(objects);
                        },
                        metadata.loop());
    }

    /**
     * Returns no runs if the index is unreadable, because merges could not read the object either.
     */
    private CompletableFuture<List<Run>> runs(ObjectRef object) {
        int tailBytes = Math.toIntExact(object.sizeBytes() - object.indexPosition());
        ObjectKey key = object.id().key(settings.cluster());
        ByteRange tailRange = new ByteRange(object.indexPosition(), tailBytes);
        return reads.read(key, () -> bucket.getRange(key, tailRange))
                .thenApply(tail -> StreamObjectIndex.runs(object, tail))
                .exceptionally(failure -> noneIfDamaged(object.id(), failure));
    }

    private List<Run> noneIfDamaged(ObjectId object, Throwable failure) {
        switch (FutureFailures.unwrap(failure)) {
            case ObjectStoreException.Missing gone -> reportIfNamed(object, gone);
            case ObjectStoreException.Corrupt damaged -> reportIfNamed(object, damaged);
            case ProbedReads.Unreadable own -> reportIfNamed(object, own);
            default -> throw new CompletionException(failure);
        }
        return List.of();
    }

    /** A dereferenced object may be missing. */
    private void reportIfNamed(ObjectId object, RuntimeException why) {
        metadata.loop()
                .runNowOrLater(() -> {
                    if (!metadata.objects().referencedAmong(Set.of(object)).isEmpty()) {
                        reloads.reportUnreadable(object, why);
                    }
                });
    }

    /**
     * @return false if the budget is exhausted
     */
    private CompletableFuture<Boolean> reloadPartitions(StoredObject of, Iterator<Run> runs) {
        while (runs.hasNext()) {
            Run run = runs.next();
            if (isMine(run.topicId())) {
                ObjectId object = of.object().id();
                return new OffloadedRangeSearch(
                                metadata,
                                reloads,
                                run.topicId(),
                                run.partition(),
                                object,
                                maxExtentsPerPartition)
                        .run()
                        .thenComposeAsync(
                                rows -> {
                                    if (!budget.tryTake(rows)) {
                                        return CompletableFuture.completedFuture(false);
                                    }
                                    return startReload(of, rows)
                                            .thenComposeAsync(
                                                    given -> reloadPartitions(of, runs),
                                                    metadata.loop());
                                },
                                metadata.loop());
            }
        }
        return CompletableFuture.completedFuture(true);
    }

    /** Compacted topics are reloaded as a whole. */
    private boolean isMine(long topicId) {
        return duties.isResponsibleForTopic(metadata.incarnation(), topicId)
                && metadata.topics()
                        .withId(topicId)
                        .map(Topic::settings)
                        .filter(topic -> !topic.compacted())
                        .isPresent();
    }

    private CompletableFuture<Void> startReload(
            StoredObject of, List<ExtentReloader.RangeRead> rows) {
        if (!rows.isEmpty() && !reloaded.contains(of.object().id())) {
            reloaded.start(of.object().id());
            attempted.start(ReloadAttempt.of(of));
        }
        return reload(rows);
    }

    private CompletableFuture<Void> reload(List<ExtentReloader.RangeRead> lastFirst) {
        if (lastFirst.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        int count = Math.min(ExtentReloader.RANGES_PER_COMMAND, lastFirst.size());
        return reloads.reload(lastFirst.subList(0, count))
                .thenComposeAsync(
                        given -> reload(lastFirst.subList(count, lastFirst.size())),
                        metadata.loop());
    }
}
