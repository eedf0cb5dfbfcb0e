package io.millrace.compaction.merge;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.merge.SegmentCopy.Copied;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.state.FeatureLevels;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Merges what is due for this node, as many merges at once as there are workers. Whatever ends a
 * merge early costs what was written so far, and it is due again; an object that cannot be read is
 * left alone for a while, so that the rest goes on. Owned by the metadata's loop; batches are
 * copied on an executor.
 */
public final class MergeJob {

    private static final Logger LOG = Logger.getLogger(MergeJob.class);

    /** How long an object that could not be merged, or need not be, is left alone. */
    private static final long LEFT_ALONE_NANOS = 600_000_000_000L;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final RecentObjects recent;
    private final String cluster;
    private final CompactionDuties duties;
    private final InstantSource clock;
    private final MergeSettings settings;
    private final List<Executor> workers;
    private final Pace pace;
    private final MergeMetrics metrics;
    private final MergeChoice choice;

    /** Until when objects are left alone. */
    private final Map<ObjectId, Long> leftAlone = new HashMap<>();

    /** What is being merged. */
    private final Set<ObjectId> busy = new HashSet<>();

    private long segments;
    private boolean failing;

    /**
     * @param cluster the name that the keys of its objects contain
     * @param clock for the age of blocks
     * @param workers one for each merge; runs one task at a time, some of which take milliseconds
     */
    public MergeJob(
            Metadata metadata,
            ObjectStore bucket,
            RecentObjects recent,
            String cluster,
            CompactionDuties duties,
            InstantSource clock,
            MergeSettings settings,
            List<? extends Executor> workers,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.recent = recent;
        this.cluster = cluster;
        this.duties = duties;
        this.clock = clock;
        this.settings = settings;
        this.workers = List.copyOf(workers);
        this.pace = new Pace(metadata.loop(), settings.bytesPerSecond());
        this.metrics = metrics;
        choice = new MergeChoice(settings);
    }

    /** Begins, for the life of the loop. Any thread. */
    public void start() {
        metadata.loop().run(this::round);
    }

    private void round() {
        var unused =
                untilNothingIsDue()
                        .whenComplete((merged, failure) -> {
                            note(failure);
                            metadata.loop().schedule(settings.interval(), this::round);
                        });
    }

    /**
     * Merges until nothing is due. Only on the loop.
     *
     * @return completes on the loop with the number of segments written
     */
    public CompletableFuture<Integer> untilNothingIsDue() {
        List<CompletableFuture<Integer>> lanes = new ArrayList<>();
        for (Executor worker : workers) {
            lanes.add(goOn(worker, 0));
        }
        return CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new))
                .thenApplyAsync(
                        done -> lanes.stream().mapToInt(CompletableFuture::join).sum(),
                        metadata.loop());
    }

    private CompletableFuture<Integer> goOn(Executor worker, int before) {
        List<StoredObject> due = due();
        if (due.isEmpty()) {
            return CompletableFuture.completedFuture(before);
        }
        Set<ObjectId> inputs =
                due.stream().map(one -> one.object().id()).collect(Collectors.toSet());
        busy.addAll(inputs);
        return new Merge(metadata, due, segment -> copy(segment, worker), settings, metrics)
                .run()
                .handleAsync(
                        (written, failure) -> {
                            busy.removeAll(inputs);
                            return after(worker, due, before, written, failure);
                        },
                        metadata.loop())
                .thenCompose(next -> next);
    }

    private CompletableFuture<Integer> after(
            Executor worker,
            List<StoredObject> due,
            int before,
            @Nullable Integer written,
            @Nullable Throwable failure) {
        if (written != null) {
            leaveAloneIfSettled(due, written);
            return goOn(worker, before + written);
        }
        if (failure != null && unwrapped(failure) instanceof DamagedInput damage) {
            return leaveOut(damage).thenComposeAsync(done -> goOn(worker, before), metadata.loop());
        }
        return CompletableFuture.failedFuture(failure);
    }

    /** Goes on without an object, unless something else has come in its place meanwhile. */
    private CompletableFuture<Void> leaveOut(DamagedInput damage) {
        return metadata.barrier()
                .thenAcceptAsync(
                        reached -> {
                            Set<ObjectId> one = Set.of(damage.object());
                            if (metadata.objects().named(one).isEmpty()) {
                                return;
                            }
                            leaveAlone(damage.object());
                            metrics.damaged();
                            LOG.errorf(
                                    "%s It is left out of merges for ten minutes; restore it.",
                                    damage.getMessage());
                        },
                        metadata.loop());
    }

    private List<StoredObject> due() {
        if (metadata.featureLevel() < FeatureLevels.MERGES) {
            return List.of();
        }
        long nowNanos = metadata.loop().nanoTime();
        leftAlone.values().removeIf(until -> nowNanos - until >= 0);
        long incarnation = metadata.incarnation();
        boolean segmentsAreMine = duties.isDutyOfBucket(incarnation);
        Map<Long, Boolean> writers = new HashMap<>();
        return List.copyOf(
                choice.next(
                        metadata.objects().stored(),
                        one -> {
                            ObjectId id = one.object().id();
                            boolean mine =
                                    id.kind() == ObjectId.Kind.WAL
                                            ? writers.computeIfAbsent(
                                                    id.incarnation(),
                                                    writer ->
                                                            duties.isDutyOfWriter(
                                                                    incarnation, writer))
                                            : segmentsAreMine;
                            return mine && !leftAlone.containsKey(id) && !busy.contains(id);
                        },
                        topicId -> RetentionClass.of(metadata.topics(), topicId),
                        clock.millis()));
    }

    private CompletableFuture<Copied> copy(PlannedSegment segment, Executor worker) {
        ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, metadata.incarnation(), segments++);
        return new SegmentCopy(bucket, recent, cluster, id, segment, settings, pace, worker)
                .start();
    }

    /** As many segments as before would be merged for ever. */
    private void leaveAloneIfSettled(List<StoredObject> inputs, int written) {
        boolean ofSegments = inputs.getFirst().object().id().kind() == ObjectId.Kind.SEGMENT;
        if (ofSegments && inputs.size() > 1 && written >= inputs.size()) {
            inputs.forEach(one -> leaveAlone(one.object().id()));
        }
    }

    private void leaveAlone(ObjectId id) {
        leftAlone.put(id, metadata.loop().nanoTime() + LEFT_ALONE_NANOS);
    }

    private void note(@Nullable Throwable failure) {
        if (failure == null) {
            failing = false;
            return;
        }
        metrics.failed();
        if (!failing) {
            failing = true;
            LOG.warnf("Merging stopped and begins again soon: %s", unwrapped(failure).getMessage());
        }
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
