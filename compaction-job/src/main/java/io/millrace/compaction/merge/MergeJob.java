package io.millrace.compaction.merge;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.RoundFailures;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Cause;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
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
 * there are workers. Whatever ends it early costs what was written so far, and it is due again; an
 * object that cannot be read is left alone for a while, so that the rest goes on. Owned by the
 * metadata's loop; batches are copied on an executor.
 */
public final class MergeJob {

    private static final Logger LOG = Logger.getLogger(MergeJob.class);

    private final Metadata metadata;
    private final Duration interval;
    private final List<Executor> workers;
    private final MergeMetrics metrics;
    private final RoundFailures failures;
    private final FreeObjects free;
    private final DueMerges merges;
    private final DueKeyPasses keys;

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
        this.interval = settings.interval();
        this.workers = List.copyOf(workers);
        this.metrics = metrics;
        Pace pace = new Pace(metadata.loop(), settings.bytesPerSecond(), producers, metrics);
        SegmentCopies copies = new SegmentCopies(metadata, bucket, recent, cluster, pace);
        failures = new RoundFailures(LOG, "Merging stopped and begins again soon", metrics::failed);
        free = new FreeObjects(metadata);
        merges = new DueMerges(metadata, copies, duties, clock, settings, free, metrics);
        keys = new DueKeyPasses(metadata, copies, duties, clock, settings, free, metrics);
    }

    /** Begins, for the life of the loop. Any thread. */
    public void start() {
        metadata.loop().run(this::round);
    }

    private void round() {
        var unused =
                untilNothingIsDue()
                        .whenComplete((segments, failure) -> {
                            failures.roundEnds(failure);
                            metadata.loop().schedule(interval, this::round);
                        });
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
        Optional<Work> due = merges.next().or(keys::next);
        if (due.isEmpty()) {
            return CompletableFuture.completedFuture(before);
        }
        Set<ObjectId> inputs = due.get().inputs();
        free.take(inputs);
        return due.get()
                .run(worker)
                .handleAsync(
                        (written, failure) -> {
                            free.giveBack(inputs);
                            return after(worker, before, written, failure);
                        },
                        metadata.loop())
                .thenCompose(next -> next);
    }

    private CompletableFuture<Integer> after(
            Executor worker, int before, @Nullable Integer written, @Nullable Throwable failure) {
        if (written != null) {
            return goOn(worker, before + written);
        }
        Throwable cause = Cause.of(Objects.requireNonNull(failure));
        if (cause instanceof DamagedInput damage) {
            return leaveOut(damage).thenComposeAsync(done -> goOn(worker, before), metadata.loop());
        }
        return CompletableFuture.failedFuture(cause);
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
                            free.suspect(damage.object());
                            metrics.damaged();
                            LOG.errorf(
                                    "%s It is left out of merges for ten minutes; restore it.",
                                    damage.getMessage());
                        },
                        metadata.loop());
    }
}
