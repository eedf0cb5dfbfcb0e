package io.millrace.compaction.schedule;

import io.millrace.compaction.BucketProbe;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.RoundFailures;
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
import java.time.InstantSource;
import java.util.ArrayDeque;
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
 * Schedules the merges and key compactions of this node on a fixed number of independent workers. A
 * failed job is due again; only the unfinished segment is lost. An input that cannot be read
 * although the bucket serves other objects is excluded for a cooldown, so that other jobs continue.
 * Owned by the metadata's event loop; batches are copied on executors.
 */
public final class CompactionScheduler {

    private static final Logger LOG = Logger.getLogger(CompactionScheduler.class);

    private final Metadata metadata;
    private final MergeSettings settings;
    private final List<Executor> workers;
    private final MergeMetrics metrics;
    private final InputReservations reservations;
    private final MergePlanner merges;
    private final KeyCompactionPlanner keys;
    private final UnreadableInputs unreadableInputs;

    /** Failures of merges that run before the rest of a key compaction. */
    private final RoundFailures priorityFailures;

    /** Time of the last search for merges without a result. */
    private volatile long checkedNanos;

    /** A worker without a job, and the failures of its jobs. */
    private record IdleWorker(Executor executor, RoundFailures failures) {}

    /**
     * Workers without a job until the next search. The worker added last takes the next job: a job
     * that fails repeatedly does so on one worker, which logs the failure once.
     */
    private final Deque<IdleWorker> idle = new ArrayDeque<>();

    /**
     * @param cluster the cluster's name in object keys
     * @param clock clock for the age of blocks
     * @param producers load of this node's producers, which throttles merges
     * @param workers one executor for each concurrent job; runs one task at a time, with tasks of
     *     up to milliseconds
     */
    public CompactionScheduler(
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
        MergeRateLimiter pace =
                new MergeRateLimiter(
                        metadata.loop(), settings.bytesPerSecond(), producers, metrics);
        SegmentFactory copies = new SegmentFactory(metadata, bucket, recent, cluster, pace);
        reservations = new InputReservations(metadata);
        merges = new MergePlanner(metadata, copies, duties, clock, reservations, metrics);
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

    /** Starts the schedule, which continues for the life of the event loop. Any thread. */
    public void start() {
        metadata.loop()
                .runNowOrLater(() -> {
                    for (Executor worker : workers) {
                        idle.push(new IdleWorker(worker, failures()));
                    }
                    check();
                });
    }

    /**
     * Assigns due jobs to idle workers. A search without a result ends the round for all workers.
     */
    private void check() {
        Optional<CompactionJob> due = idle.isEmpty() ? Optional.empty() : due();
        while (due.isPresent()) {
            begin(idle.pop(), due);
            due = idle.isEmpty() ? Optional.empty() : due();
        }
        metadata.loop().schedule(settings.interval(), this::check);
    }

    private void begin(IdleWorker worker, Optional<CompactionJob> first) {
        var unused =
                CompactionLane.run(new AllJobs(worker.executor()), first, metadata.loop())
                        .whenCompleteAsync(
                                (segments, failure) -> {
                                    worker.failures().roundEnded(failure);
                                    idle.push(worker);
                                },
                                metadata.loop());
    }

    /**
     * Runs jobs until none is due. Only on the event loop.
     *
     * @return completes on the event loop with the number of segments written
     */
    public CompletableFuture<Integer> runAllDue() {
        List<CompletableFuture<Integer>> lanes =
                workers.stream()
                        .map(worker ->
                                CompactionLane.run(
                                        new AllJobs(worker), Optional.empty(), metadata.loop()))
                        .toList();
        return CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new))
                .thenApplyAsync(
                        done -> lanes.stream().mapToInt(CompletableFuture::join).sum(),
                        metadata.loop());
    }

    private Optional<CompactionJob> due() {
        return dueMerge(settings).or(keys::next);
    }

    private Optional<CompactionJob> dueMerge(MergeSettings by) {
        Optional<CompactionJob> due = merges.next(by);
        if (due.isEmpty()) {
            checkedNanos = metadata.loop().nanoTime();
        }
        return due;
    }

    /** Merges first, then key compactions. */
    private final class AllJobs implements CompactionLane.Schedule {

        private final Executor worker;

        AllJobs(Executor worker) {
            this.worker = worker;
        }

        @Override
        public Optional<CompactionJob> next() {
            return due();
        }

        @Override
        public CompletableFuture<Integer> attempt(CompactionJob job) {
            return CompactionScheduler.this.attempt(worker, job);
        }
    }

    /**
     * Runs due merges before the rest of a key compaction, in its lane: the key compaction may take
     * longer than producers can wait for their blocks to be merged.
     */
    private final class PriorityMerges implements YieldPoint, CompactionLane.Schedule {

        private final Executor worker;
        private int segments;
        private boolean failed;

        PriorityMerges(Executor worker) {
            this.worker = worker;
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
            return failed ? Optional.empty() : dueMerge(settings.withKeyTable());
        }

        @Override
        public CompletableFuture<Integer> attempt(CompactionJob merge) {
            return CompactionScheduler.this
                    .attempt(worker, merge)
                    .handleAsync(this::report, metadata.loop());
        }

        /** After a failure, the key compaction resumes and no merge is attempted for a while. */
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

    /**
     * Attempts a job and handles an unreadable input.
     *
     * @return completes on the event loop with the number of segments written; fails if the failure
     *     is not limited to one input
     */
    private CompletableFuture<Integer> attempt(Executor worker, CompactionJob job) {
        Set<ObjectId> inputs = job.inputs();
        PriorityMerges first = new PriorityMerges(worker);
        reservations.reserve(inputs);
        return job.run(worker, first)
                .handleAsync(
                        (written, failure) -> {
                            reservations.release(inputs);
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
}
