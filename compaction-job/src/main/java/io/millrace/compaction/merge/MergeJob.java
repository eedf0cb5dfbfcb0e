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

    /** Failures of merges that run before the rest of a key compaction. */
    private final RoundFailures priorityFailures;

    /** The time of the last look for merges that found none. */
    private volatile long lookedNanos;

    /** A worker without a job, and the failures of its jobs. */
    private record IdleWorker(Executor executor, RoundFailures failures) {}

    /**
     * Workers without a job until the next look. The last one added takes the next job: a job that
     * fails repeatedly does so on one worker, which logs the failure once.
     */
    private final Deque<IdleWorker> idle = new ArrayDeque<>();

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
        priorityFailures = failures();
    }

    private RoundFailures failures() {
        return new RoundFailures(LOG, "A merge stopped and begins again soon", metrics::failed);
    }

    /** Begins, for the life of the loop. Any thread. */
    public void start() {
        metadata.loop()
                .run(() -> {
                    for (Executor worker : workers) {
                        idle.push(new IdleWorker(worker, failures()));
                    }
                    look();
                });
    }

    /** Gives due jobs to idle workers. One look without a result ends the round for all of them. */
    private void look() {
        Optional<Work> due = idle.isEmpty() ? Optional.empty() : due();
        while (due.isPresent()) {
            begin(idle.pop(), due);
            due = idle.isEmpty() ? Optional.empty() : due();
        }
        metadata.loop().schedule(settings.interval(), this::look);
    }

    private void begin(IdleWorker worker, Optional<Work> first) {
        var unused =
                CompactionLane.run(new AllJobs(worker.executor()), first, metadata.loop())
                        .whenCompleteAsync(
                                (segments, failure) -> {
                                    worker.failures().roundEnds(failure);
                                    idle.push(worker);
                                },
                                metadata.loop());
    }

    /**
     * Works until nothing is due. Only on the loop.
     *
     * @return completes on the loop with the number of segments written
     */
    public CompletableFuture<Integer> untilNothingIsDue() {
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

    /** Merges first, then key compactions. */
    private final class AllJobs implements CompactionLane.Schedule {

        private final Executor worker;

        AllJobs(Executor worker) {
            this.worker = worker;
        }

        @Override
        public Optional<Work> next() {
            return due();
        }

        @Override
        public CompletableFuture<Integer> attempt(Work job) {
            return MergeJob.this.attempt(worker, job);
        }
    }

    /**
     * Runs due merges before the rest of a key compaction, in its lane: the key compaction may take
     * longer than producers can wait for their blocks to be merged.
     */
    private final class PriorityMerges implements Precedence, CompactionLane.Schedule {

        private final Executor worker;
        private int segments;
        private boolean failed;

        PriorityMerges(Executor worker) {
            this.worker = worker;
        }

        @Override
        public CompletableFuture<Void> give() {
            if (metadata.loop().nanoTime() - lookedNanos < settings.interval().toNanos()) {
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
        public Optional<Work> next() {
            return failed ? Optional.empty() : dueMerge(settings.besideKeys());
        }

        @Override
        public CompletableFuture<Integer> attempt(Work merge) {
            return MergeJob.this.attempt(worker, merge).handleAsync(this::report, metadata.loop());
        }

        /** After a failure, the key compaction resumes and no merge is attempted for a while. */
        private int report(@Nullable Integer written, @Nullable Throwable failure) {
            priorityFailures.roundEnds(failure);
            failed = failure != null;
            if (failed) {
                lookedNanos = metadata.loop().nanoTime();
            }
            int merged = written == null ? 0 : written;
            segments += merged;
            return merged;
        }
    }

    /**
     * Attempts a job, as far as its inputs can be read.
     *
     * @return completes on the loop with the number of segments written; fails where the failure is
     *     of more than one input
     */
    private CompletableFuture<Integer> attempt(Executor worker, Work job) {
        Set<ObjectId> inputs = job.inputs();
        PriorityMerges first = new PriorityMerges(worker);
        free.take(inputs);
        return job.run(worker, first)
                .handleAsync(
                        (written, failure) -> {
                            free.giveBack(inputs);
                            if (written != null) {
                                faulty.wereRead(inputs);
                                return CompletableFuture.completedFuture(written);
                            }
                            return faulty.recovered(
                                            Cause.of(Objects.requireNonNull(failure)), inputs)
                                    .thenApply(recovered -> 0);
                        },
                        metadata.loop())
                .thenCompose(result -> result)
                .thenApplyAsync(written -> written + first.segments, metadata.loop());
    }
}
