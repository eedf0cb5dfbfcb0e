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
 * Reloads the offloaded extents of sparse objects, of which less than half is alive, in topics of
 * this node. Merges can then rewrite these objects, as only extents in memory can be moved.
 *
 * <p>Later ranges of the same partition are reloaded too, because only the last range of a
 * partition can be. The amount per hour is limited by a budget; the rest follows after merges have
 * moved the reloaded extents and later ones were offloaded again. Extents further from the end of
 * their partition than the offload threshold stay in their object, however sparse: reloading would
 * make nodes reject producers. Owned by the metadata's event loop.
 */
final class SparseObjectReloader {

    /** Time for a merge to move reloaded extents before offloading is permitted again. */
    private static final Duration FOR_A_MERGE = Duration.ofHours(1);

    /** Time before a reload is repeated, if no extents could be moved. */
    private static final Duration UNTIL_AGAIN = Duration.ofDays(1);

    private static final int OBJECTS_AT_A_TIME = 4;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final CompactionDuties duties;
    private final OffloadSettings settings;
    private final InstantSource clock;
    private final ExtentReloader reloads;
    private final ProbedReads reads;
    private final Cooldown<ObjectId> leaving;

    /**
     * Recently reloaded objects with the number of offloaded extents then. An unchanged object is
     * not reloaded again during the cooldown.
     */
    private final Cooldown<Begun> begun;

    /** Objects that are reloaded as far as possible. */
    private final Cooldown<ObjectId> complete;

    private final ReloadBudget room;
    private final long maxOfOne;

    /** A reloaded object and the number of its offloaded extents before. */
    private record Begun(ObjectId object, int offloadedExtents) {

        static Begun of(StoredObject one) {
            return new Begun(one.object().id(), one.offloadedExtents());
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
        this.leaving = new Cooldown<>(metadata.loop(), FOR_A_MERGE);
        this.begun = new Cooldown<>(metadata.loop(), UNTIL_AGAIN);
        this.complete = new Cooldown<>(metadata.loop(), UNTIL_AGAIN);
        this.room = new ReloadBudget(metadata.loop(), settings.extents(), FOR_A_MERGE);
        this.maxOfOne = Math.max(settings.extents(), OffloadSettings.MAX_ROW_EXTENTS);
    }

    /** Returns whether an object's extents are to stay in memory for a merge. */
    boolean isLeaving(ObjectId object) {
        return leaving.contains(object);
    }

    /**
     * Reloads some due objects. Only on the event loop; completes on the event loop, or fails with
     * the failure of the bucket or the log.
     */
    CompletableFuture<Void> run() {
        return next(due().iterator());
    }

    private List<StoredObject> due() {
        long nowMs = clock.millis();
        return metadata.objects().stored().stream()
                .filter(one -> one.offloadedExtents() > 0 && one.isSparse())
                .filter(one -> one.object().id().kind() != ObjectId.Kind.MANIFEST)
                .filter(this::isDue)
                .filter(one ->
                        !RetentionClass.of(metadata.topics(), one.topicId())
                                .goesSoon(one.storedMs(), nowMs))
                .sorted(StoredObject.OLDEST_FIRST)
                .limit(OBJECTS_AT_A_TIME)
                .toList();
    }

    private boolean isDue(StoredObject one) {
        ObjectId object = one.object().id();
        return !complete.contains(object)
                && (leaving.contains(object) || !begun.contains(Begun.of(one)));
    }

    private CompletableFuture<Void> next(Iterator<StoredObject> objects) {
        if (!objects.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        StoredObject one = objects.next();
        ObjectRef object = one.object();
        return runs(object)
                .thenComposeAsync(runs -> partitions(one, runs.iterator()), metadata.loop())
                .thenComposeAsync(
                        isAll -> {
                            if (!isAll) {
                                return CompletableFuture.completedFuture(null);
                            }
                            complete.add(object.id());
                            return next(objects);
                        },
                        metadata.loop());
    }

    /**
     * Returns the runs of an object; none if the index cannot be read; merges could not read the
     * object either.
     */
    private CompletableFuture<List<Run>> runs(ObjectRef object) {
        int tailBytes = Math.toIntExact(object.sizeBytes() - object.indexPosition());
        ObjectKey key = object.id().key(settings.cluster());
        ByteRange tailRange = new ByteRange(object.indexPosition(), tailBytes);
        return reads.read(key, () -> bucket.get(key, tailRange))
                .thenApply(tail -> StreamObjectIndex.runs(object, tail))
                .exceptionally(failure -> noneIfDamaged(object.id(), failure));
    }

    private List<Run> noneIfDamaged(ObjectId object, Throwable failure) {
        switch (FutureFailures.of(failure)) {
            case ObjectStoreException.Missing gone -> reportIfNamed(object, gone);
            case ObjectStoreException.Corrupt damaged -> reportIfNamed(object, damaged);
            case ProbedReads.Unreadable own -> reportIfNamed(object, own);
            default -> throw new CompletionException(failure);
        }
        return List.of();
    }

    /** An object that was dereferenced meanwhile may be missing. */
    private void reportIfNamed(ObjectId object, RuntimeException why) {
        metadata.loop()
                .runNowOrLater(() -> {
                    if (!metadata.objects().named(Set.of(object)).isEmpty()) {
                        reloads.cannotBeEmptied(object, why);
                    }
                });
    }

    /**
     * @return true if the object's extents are in memory as far as possible; false if the budget is
     *     exhausted
     */
    private CompletableFuture<Boolean> partitions(StoredObject of, Iterator<Run> runs) {
        while (runs.hasNext()) {
            Run run = runs.next();
            if (isMine(run.topicId())) {
                ObjectId object = of.object().id();
                return new OffloadedRangeSearch(
                                metadata, reloads, run.topicId(), run.partition(), object, maxOfOne)
                        .run()
                        .thenComposeAsync(
                                rows -> {
                                    if (!room.isFor(rows)) {
                                        return CompletableFuture.completedFuture(false);
                                    }
                                    return begin(of, rows)
                                            .thenComposeAsync(
                                                    given -> partitions(of, runs), metadata.loop());
                                },
                                metadata.loop());
            }
        }
        return CompletableFuture.completedFuture(true);
    }

    /** Excludes compacted topics, which are reloaded as a whole. */
    private boolean isMine(long topicId) {
        return duties.isDutyOf(metadata.incarnation(), topicId)
                && metadata.topics()
                        .withId(topicId)
                        .map(Topic::settings)
                        .filter(topic -> !topic.compacted())
                        .isPresent();
    }

    private CompletableFuture<Void> begin(StoredObject of, List<ExtentReloader.Read> rows) {
        if (!rows.isEmpty() && !leaving.contains(of.object().id())) {
            leaving.add(of.object().id());
            begun.add(Begun.of(of));
        }
        return give(rows);
    }

    /**
     * @param lastFirst ranges of one partition, last one first
     */
    private CompletableFuture<Void> give(List<ExtentReloader.Read> lastFirst) {
        if (lastFirst.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        int count = Math.min(ExtentReloader.ROWS_AT_A_TIME, lastFirst.size());
        return reloads.give(lastFirst.subList(0, count))
                .thenComposeAsync(
                        given -> give(lastFirst.subList(count, lastFirst.size())), metadata.loop());
    }
}
