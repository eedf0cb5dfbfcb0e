package io.millrace.compaction.schedule;

import io.micrometer.core.instrument.LongTaskTimer;
import io.millrace.compaction.BucketProbe;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.RoundFailures;
import io.millrace.compaction.VerifiedClock;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.RecentObjects;
import io.millrace.compaction.key.KeyCompactionPlanner;
import io.millrace.compaction.merge.MergePlanner;
import io.millrace.compaction.rewrite.CompactionJob;
import io.millrace.compaction.rewrite.InputReservations;
import io.millrace.compaction.rewrite.SegmentFactory;
import io.millrace.compaction.rewrite.YieldPoint;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.compaction.throttle.MergeRateLimiter;
import io.millrace.compaction.throttle.ProducerLoad;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Schedules the merges and key compactions of this node on a fixed number of workers. A failed job
 * loses only the unfinished segment and is due again. An unreadable input is excluded for a
 * cooldown. Owned by the metadata's event loop; batches are copied on executors.
 */
public final class CompactionScheduler {

    private static final Logger LOG = Logger.getLogger(CompactionScheduler.class);

    private static final Predicate<ObjectId> ANY = id -> true;

    private final Metadata metadata;
    private final MergeSettings settings;
    private final List<Executor> workers;
    private final MergeMetrics metrics;
    private final InputReservations reservations;
    private final MergePlanner merges;
    private final KeyCompactionPlanner keys;
    private final UnreadableInputs unreadableInputs;

    private final RoundFailures priorityFailures;

    /** Time of the last search for merges without a result. */
    private volatile long checkedNanos;

    private record IdleWorker(Executor executor, RoundFailures failures) {}

    /** The worker added last takes the next job, so a job that fails repeatedly is logged once. */
    private final Deque<IdleWorker> idle = new ArrayDeque<>();

    /**
     * @param workers one executor per concurrent job, which runs one task at a time, of up to
     *     milliseconds
     */
    public CompactionScheduler(
            Metadata metadata,
            ObjectStore bucket,
            RecentObjects recent,
            String cluster,
            CompactionDuties duties,
            VerifiedClock clock,
            MergeSettings settings,
            ProducerLoad producers,
            List<? extends Executor> workers,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.settings = settings;
        this.workers = List.copyOf(workers);
        this.metrics = metrics;
        MergeRateLimiter pace =
                new MergeRateLimiter(
                        metadata.loop(), settings.bytesPerSecond(), producers, metrics);
        SegmentFactory copies = new SegmentFactory(metadata, bucket, recent, cluster, pace);
        reservations = new InputReservations(metadata);
        merges =
                new MergePlanner(
                        metadata, copies, duties, clock.unverified(), reservations, metrics);
        keys =
                new KeyCompactionPlanner(
                        metadata, copies, duties, clock, settings, reservations, metrics);
        BucketProbe others = new BucketProbe(metadata, bucket, cluster);
        unreadableInputs = new UnreadableInputs(metadata, others, cluster, reservations, metrics);
        priorityFailures = failures();
    }

    private RoundFailures failures() {
        return new RoundFailures(LOG, "A merge failed; it will be retried", metrics::failed);
    }

    /** Starts the schedule. Any thread. */
    public void start() {
        metadata.loop()
                .runNowOrLater(() -> {
                    for (Executor worker : workers) {
                        idle.push(new IdleWorker(worker, failures()));
                    }
                    check();
                });
    }

    /** A search without a result ends the round for all workers. */
    private void check() {
        Optional<CompactionJob> due = idle.isEmpty() ? Optional.empty() : due(ANY);
        while (due.isPresent()) {
            begin(idle.pop(), due);
            due = idle.isEmpty() ? Optional.empty() : due(ANY);
        }
        metadata.loop().schedule(settings.interval(), this::check);
    }

    private void begin(IdleWorker worker, Optional<CompactionJob> first) {
        var unused =
                CompactionLane.run(new AllJobs(worker.executor(), ANY), first, metadata.loop())
                        .whenCompleteAsync(
                                (segments, failure) -> {
                                    worker.failures().roundEnded(failure);
                                    idle.push(worker);
                                },
                                metadata.loop());
    }

    /**
     * Runs all due jobs; completes with the number of segments written. Objects that others store
     * meanwhile are not merged, so that the jobs end under load. Called and completed on the event
     * loop.
     */
    public CompletableFuture<Integer> runAllDue() {
        long self = metadata.incarnation();
        Set<ObjectId> stored =
                metadata.objects().referencedObjects().stream()
                        .map(object -> object.object().id())
                        .collect(Collectors.toSet());
        Predicate<ObjectId> isInput = id -> id.incarnation() == self || stored.contains(id);
        List<CompletableFuture<Integer>> lanes =
                workers.stream()
                        .map(worker ->
                                CompactionLane.run(
                                        new AllJobs(worker, isInput),
                                        Optional.empty(),
                                        metadata.loop()))
                        .toList();
        return CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new))
                .thenApplyAsync(
                        done -> lanes.stream().mapToInt(CompletableFuture::join).sum(),
                        metadata.loop());
    }

    private Optional<CompactionJob> due(Predicate<ObjectId> isInput) {
        return dueMerge(settings, isInput).or(keys::next);
    }

    private Optional<CompactionJob> dueMerge(MergeSettings by, Predicate<ObjectId> isInput) {
        Optional<CompactionJob> due = merges.next(by, isInput);
        if (due.isEmpty()) {
            checkedNanos = metadata.loop().nanoTime();
        }
        return due;
    }

    private final class AllJobs implements CompactionLane.Schedule {

        private final Executor worker;
        private final Predicate<ObjectId> isInput;

        AllJobs(Executor worker, Predicate<ObjectId> isInput) {
            this.worker = worker;
            this.isInput = isInput;
        }

        @Override
        public Optional<CompactionJob> next() {
            return due(isInput);
        }

        @Override
        public CompletableFuture<Integer> attempt(CompactionJob job) {
            return CompactionScheduler.this.attempt(worker, isInput, job);
        }
    }

    /**
     * Runs due merges before the rest of a key compaction, because producers cannot wait for its
     * end.
     */
    private final class PriorityMerges implements YieldPoint, CompactionLane.Schedule {

        private final Executor worker;
        private final Predicate<ObjectId> isInput;
        private int segments;
        private boolean failed;

        PriorityMerges(Executor worker, Predicate<ObjectId> isInput) {
            this.worker = worker;
            this.isInput = isInput;
        }

        @Override
        public CompletableFuture<Void> yieldIfNeeded() {
            if (metadata.loop().nanoTime() - checkedNanos < settings.interval().toNanos()) {
                return CompletableFuture.completedFuture(null);
            }
            return CompletableFuture.supplyAsync(this::run, metadata.loop())
                    .thenCompose(merged -> merged)
                    .thenAccept(written -> {});
        }

        private CompletableFuture<Integer> run() {
            failed = false;
            return CompactionLane.run(this, Optional.empty(), metadata.loop());
        }

        @Override
        public Optional<CompactionJob> next() {
            return failed ? Optional.empty() : dueMerge(settings.withKeyTable(), isInput);
        }

        @Override
        public CompletableFuture<Integer> attempt(CompactionJob merge) {
            return CompactionScheduler.this
                    .attempt(worker, isInput, merge)
                    .handleAsync(this::report, metadata.loop());
        }

        /**
         * After a failure, the key compaction resumes and no merge is attempted for an interval.
         */
        private int report(@Nullable Integer written, @Nullable Throwable failure) {
            priorityFailures.roundEnded(failure);
            failed = failure != null;
            if (failed) {
                checkedNanos = metadata.loop().nanoTime();
            }
            int merged = written == null ? 0 : written;
            segments += merged;
            return merged;
        }
    }

    /** Attempts a job; fails if the failure is not limited to one input. */
    private CompletableFuture<Integer> attempt(
            Executor worker, Predicate<ObjectId> isInput, CompactionJob job) {
        Set<ObjectId> inputs = job.inputs();
        PriorityMerges first = new PriorityMerges(worker, isInput);
        reservations.reserve(inputs);
        LongTaskTimer.Sample active = metrics.started();
        return started(job, worker, first)
                .handleAsync(
                        (written, failure) -> {
                            reservations.release(inputs);
                            active.stop();
                            if (written != null) {
                                unreadableInputs.recordRead(inputs);
                                return CompletableFuture.completedFuture(written);
                            }
                            return unreadableInputs
                                    .handleFailure(
                                            FutureFailures.unwrap(Objects.requireNonNull(failure)),
                                            inputs)
                                    .thenApply(recovered -> 0);
                        },
                        metadata.loop())
                .thenCompose(result -> result)
                .thenApplyAsync(written -> written + first.segments, metadata.loop());
    }

    /** Returns a failed future for a failure before the first step, so that inputs are released. */
    private static CompletableFuture<Integer> started(
            CompactionJob job, Executor worker, YieldPoint yieldPoint) {
        try {
            return job.run(worker, yieldPoint);
        } catch (Throwable failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }
}
