package io.millrace.compaction.merge;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.OtherObjects;
import io.millrace.compaction.ReadVerdict;
import io.millrace.compaction.RoundFailures;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Cause;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
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
    private final Duration interval;
    private final List<Executor> workers;
    private final MergeMetrics metrics;
    private final FreeObjects free;
    private final DueMerges merges;
    private final DueKeyPasses keys;
    private final OtherObjects others;
    private final String cluster;

    /** Inputs that are named and could not be read when they were last, while others could. */
    private final Set<ObjectId> unreadOnce = new HashSet<>();

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
        this.interval = settings.interval();
        this.workers = List.copyOf(workers);
        this.metrics = metrics;
        this.cluster = cluster;
        others = new OtherObjects(metadata, bucket, cluster);
        Pace pace = new Pace(metadata.loop(), settings.bytesPerSecond(), producers, metrics);
        SegmentCopies copies = new SegmentCopies(metadata, bucket, recent, cluster, pace);
        free = new FreeObjects(metadata);
        merges = new DueMerges(metadata, copies, duties, clock, settings, free, metrics);
        keys = new DueKeyPasses(metadata, copies, duties, clock, settings, free, metrics);
    }

    /** Begins, for the life of the loop. Any thread. */
    public void start() {
        metadata.loop()
                .run(() -> {
                    for (Executor worker : workers) {
                        idle.push(
                                new WorkLane(
                                        worker,
                                        new RoundFailures(
                                                LOG,
                                                "A merge stopped and begins again soon",
                                                metrics::failed)));
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
        metadata.loop().schedule(interval, this::look);
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
        return merges.next().or(keys::next);
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
        Set<ObjectId> inputs = work.inputs();
        free.take(inputs);
        return work.run(worker)
                .handleAsync(
                        (written, failure) -> {
                            free.giveBack(inputs);
                            if (written != null) {
                                unreadOnce.removeAll(inputs);
                                return goOn(worker, before + written);
                            }
                            return recovered(Cause.of(Objects.requireNonNull(failure)), inputs)
                                    .thenComposeAsync(
                                            done -> goOn(worker, before), metadata.loop());
                        },
                        metadata.loop())
                .thenCompose(next -> next);
    }

    /** Fails where the failure is of more than one input. */
    private CompletableFuture<Void> recovered(Throwable failure, Set<ObjectId> inputs) {
        return switch (failure) {
            case DamagedInput damage ->
                    leaveOut(damage.object(), damage.getMessage(), "restore it");
            case UnreadInput unread -> judged(unread, inputs);
            default -> CompletableFuture.failedFuture(failure);
        };
    }

    private CompletableFuture<Void> judged(UnreadInput unread, Set<ObjectId> inputs) {
        ObjectId object = unread.object();
        boolean failedBefore = unreadOnce.contains(object);
        unreadOnce.removeAll(inputs);
        if (!ReadVerdict.mayBeItsOwn(unread.why())) {
            return CompletableFuture.failedFuture(unread.why());
        }
        return others.answer(object.key(cluster))
                .thenComposeAsync(
                        answer ->
                                switch (ReadVerdict.of(unread.why(), failedBefore, answer)) {
                                    case ITS_OWN ->
                                            leaveOut(object, sentence(unread), "let it be read");
                                    case AGAIN -> tryAgain(object);
                                    case NOT_ITS_OWN ->
                                            CompletableFuture.failedFuture(unread.why());
                                },
                        metadata.loop());
    }

    private CompletableFuture<Void> tryAgain(ObjectId object) {
        metrics.failed();
        unreadOnce.add(object);
        unreadOnce.retainAll(metadata.objects().named(Set.copyOf(unreadOnce)));
        return CompletableFuture.completedFuture(null);
    }

    private static String sentence(UnreadInput unread) {
        return "Object %s cannot be read, though others can: %s."
                .formatted(unread.object(), unread.why().getMessage());
    }

    /** Goes on without an object, unless something else has come in its place meanwhile. */
    private CompletableFuture<Void> leaveOut(
            ObjectId object, @Nullable String sentence, String advice) {
        return metadata.barrier()
                .thenAcceptAsync(
                        reached -> {
                            if (metadata.objects().named(Set.of(object)).isEmpty()) {
                                return;
                            }
                            free.suspect(object);
                            metrics.damaged();
                            LOG.errorf(
                                    "%s It is left out of merges for ten minutes; %s.",
                                    sentence, advice);
                        },
                        metadata.loop());
    }
}
