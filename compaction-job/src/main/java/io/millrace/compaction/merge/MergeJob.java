package io.millrace.compaction.merge;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.OtherObjects;
import io.millrace.compaction.RoundFailures;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.Cause;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Does what is due for this node: merges, and the removal of records by key; as much at once as
 * there are workers, none of which waits for another. Whatever ends a piece of work early costs
 * what was written so far, and it is due again; an object that cannot be read while others can is
 * left alone for a while, so that the rest goes on. Owned by the metadata's loop; batches are
 * copied on an executor.
 */
public final class MergeJob {

    private static final Logger LOG = Logger.getLogger(MergeJob.class);

    private final Metadata metadata;
    private final MergeSettings settings;
    private final List<Executor> workers;
    private final MergeMetrics metrics;
    private final FreeObjects free;
    private final DueMerges merges;
    private final DueKeyPasses keys;
    private final FaultyInputs faulty;

    /** Of merges that went before the rest of a pass. */
    private final RoundFailures failuresAmid;

    /** Written by those, and not told of yet. */
    private int segmentsAmid;

    /** When a look for merges left nothing to begin, the last time. */
    private volatile long lookedNanos;

    /** A worker, and how what it did last ended. */
    private record WorkLane(Executor worker, RoundFailures failures) {}

    /**
     * Those with nothing to do until the next look. The one that came last goes first: so what
     * fails again and again does so in one of them, which tells of it once.
     */
    private final Deque<WorkLane> idle = new ArrayDeque<>();

    /**
     * @param cluster the name that the keys of its objects contain
     * @param clock for the age of blocks
     * @param producers of this node, to whom merges give way
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
            ProducerLoad producers,
            List<? extends Executor> workers,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.settings = settings;
        this.workers = List.copyOf(workers);
        this.metrics = metrics;
        Pace pace = new Pace(metadata.loop(), settings.bytesPerSecond(), producers, metrics);
        SegmentCopies copies = new SegmentCopies(metadata, bucket, recent, cluster, pace);
        free = new FreeObjects(metadata);
        merges = new DueMerges(metadata, copies, duties, clock, free, metrics);
        keys = new DueKeyPasses(metadata, copies, duties, clock, settings, free, metrics);
        OtherObjects others = new OtherObjects(metadata, bucket, cluster);
        faulty = new FaultyInputs(metadata, others, cluster, free, metrics);
        failuresAmid = failures();
    }

    private RoundFailures failures() {
        return new RoundFailures(LOG, "A merge stopped and begins again soon", metrics::failed);
    }

    /** Begins, for the life of the loop. Any thread. */
    public void start() {
        metadata.loop()
                .run(() -> {
                    for (Executor worker : workers) {
                        idle.push(new WorkLane(worker, failures()));
                    }
                    look();
                });
    }

    /** One look that finds nothing is enough for all, as it costs as much as there are objects. */
    private void look() {
        Optional<Work> due = dueForTheIdle();
        while (due.isPresent()) {
            begin(idle.pop(), due.get());
            due = dueForTheIdle();
        }
        metadata.loop().schedule(settings.interval(), this::look);
    }

    private Optional<Work> dueForTheIdle() {
        return idle.isEmpty() ? Optional.empty() : due();
    }

    private void begin(WorkLane lane, Work work) {
        var unused =
                workAndGoOn(lane.worker(), 0, work)
                        .whenCompleteAsync(
                                (segments, failure) -> {
                                    lane.failures().roundEnds(failure);
                                    idle.push(lane);
                                },
                                metadata.loop());
    }

    private Optional<Work> due() {
        return dueMerge(settings).or(keys::next);
    }

    private Optional<Work> dueMerge(MergeSettings by) {
        Optional<Work> due = merges.next(by);
        if (due.isEmpty()) {
            lookedNanos = metadata.loop().nanoTime();
        }
        return due;
    }

    /**
     * The merges that are due go before the rest of a pass over a compacted topic, in its lane: it
     * may take longer than producers can wait for their blocks to be merged. Any thread.
     */
    private CompletableFuture<Void> mergesFirst(Executor worker) {
        if (metadata.loop().nanoTime() - lookedNanos < settings.interval().toNanos()) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.supplyAsync(() -> mergesAmid(worker), metadata.loop())
                .thenCompose(done -> done);
    }

    private CompletableFuture<Void> mergesAmid(Executor worker) {
        return dueMerge(settings.besideKeys())
                .map(merge ->
                        done(worker, merge)
                                .handleAsync(
                                        (segments, failure) -> {
                                            segmentsAmid += failure == null ? segments : 0;
                                            return goOnAmid(worker, failure);
                                        },
                                        metadata.loop())
                                .thenCompose(next -> next))
                .orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    private CompletableFuture<Void> goOnAmid(Executor worker, @Nullable Throwable failure) {
        failuresAmid.roundEnds(failure);
        if (failure == null) {
            return mergesAmid(worker);
        }
        lookedNanos = metadata.loop().nanoTime();
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Works until nothing is due. Only on the loop.
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
        return due().map(work -> workAndGoOn(worker, before, work))
                .orElseGet(() -> CompletableFuture.completedFuture(before));
    }

    /** Completes on the loop when nothing is due any more. */
    private CompletableFuture<Integer> workAndGoOn(Executor worker, int before, Work work) {
        return done(worker, work)
                .thenComposeAsync(
                        written -> {
                            int amid = segmentsAmid;
                            segmentsAmid = 0;
                            return goOn(worker, before + written + amid);
                        },
                        metadata.loop());
    }

    /**
     * Does it, as far as its inputs can be read.
     *
     * @return completes with the number of segments written; fails where the failure is of more
     *     than one input
     */
    private CompletableFuture<Integer> done(Executor worker, Work work) {
        Set<ObjectId> inputs = work.inputs();
        free.take(inputs);
        return work.run(worker, () -> mergesFirst(worker))
                .handleAsync(
                        (written, failure) -> {
                            free.giveBack(inputs);
                            if (written != null) {
                                faulty.wereRead(inputs);
                                return CompletableFuture.completedFuture(written);
                            }
                            return faulty.recovered(
                                            Cause.of(Objects.requireNonNull(failure)), inputs)
                                    .thenApply(seenTo -> 0);
                        },
                        metadata.loop())
                .thenCompose(result -> result);
    }
}
