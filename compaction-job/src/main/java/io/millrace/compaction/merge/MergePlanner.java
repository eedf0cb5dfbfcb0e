package io.millrace.compaction.merge;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.Cooldown;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.rewrite.BatchRewrite;
import io.millrace.compaction.rewrite.CompactionWork;
import io.millrace.compaction.rewrite.InputReservations;
import io.millrace.compaction.rewrite.MergeAttempt;
import io.millrace.compaction.rewrite.PlannedSegment;
import io.millrace.compaction.rewrite.Recompression;
import io.millrace.compaction.rewrite.SegmentCopies;
import io.millrace.compaction.rewrite.YieldPoint;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.StoredObject;
import io.millrace.storage.stream.ObjectId;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Plans the merges of this node. Owned by the metadata's event loop. */
public final class MergePlanner {

    private final Metadata metadata;
    private final SegmentCopies copies;
    private final CompactionDuties duties;
    private final InstantSource clock;
    private final InputReservations free;
    private final MergeMetrics metrics;
    private final SkewTolerantClock blockTime = new SkewTolerantClock();

    /** Single blocks that were examined, and merged if that was useful. */
    private final Cooldown<ObjectId> checkedAt;

    public MergePlanner(
            Metadata metadata,
            SegmentCopies copies,
            CompactionDuties duties,
            InstantSource clock,
            InputReservations free,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.copies = copies;
        this.duties = duties;
        this.clock = clock;
        this.free = free;
        this.metrics = metrics;
        checkedAt = new Cooldown<>(metadata.loop());
    }

    /**
     * Returns the next job, if one is due.
     *
     * @param settings settings of selection and execution
     */
    public Optional<CompactionWork> next(MergeSettings settings) {
        long incarnation = metadata.incarnation();
        boolean segmentsAreMine = duties.isDutyOfBucket(incarnation);
        Map<Long, Boolean> writers = new HashMap<>();
        Predicate<StoredObject> isMine =
                one -> {
                    ObjectId id = one.object().id();
                    boolean mine =
                            id.kind() == ObjectId.Kind.WAL
                                    ? writers.computeIfAbsent(
                                            id.incarnation(),
                                            writer -> duties.isDutyOfWriter(incarnation, writer))
                                    : segmentsAreMine;
                    return mine && free.isFree(id);
                };
        List<StoredObject> stored = metadata.objects().stored();
        List<StoredObject> blocks = MergePolicy.blocks(stored, isMine);
        long nowMs = blockTime.nowMs(blocks, clock.millis(), metadata.loop().nanoTime());
        List<StoredObject> due =
                new MergePolicy(settings)
                        .next(
                                stored,
                                isMine,
                                topicId -> RetentionClass.of(metadata.topics(), topicId),
                                nowMs);
        return due.isEmpty()
                ? lone(blocks, settings, nowMs)
                : Optional.of(new DueMerge(List.copyOf(due), classes -> true, settings));
    }

    /** Returns a merge of a single block; each block is examined once per cooldown. */
    private Optional<CompactionWork> lone(
            List<StoredObject> blocks, MergeSettings settings, long nowMs) {
        Optional<StoredObject> block =
                SingleBlockMerge.due(blocks, settings.delay(), nowMs)
                        .filter(one -> !checkedAt.contains(one.object().id()));
        return block.map(one ->
                new DueMerge(
                        List.of(one),
                        classes -> SingleBlockMerge.gains(classes, metadata.topics()),
                        settings));
    }

    private final class DueMerge implements CompactionWork {

        private final List<StoredObject> inputs;
        private final Predicate<List<List<PlannedSegment>>> isWorthIt;
        private final MergeSettings settings;

        /**
         * @param isWorthIt decides whether to write the planned segments, by retention class
         */
        DueMerge(
                List<StoredObject> inputs,
                Predicate<List<List<PlannedSegment>>> isWorthIt,
                MergeSettings settings) {
            this.inputs = inputs;
            this.isWorthIt = isWorthIt;
            this.settings = settings;
        }

        @Override
        public Set<ObjectId> inputs() {
            return inputs.stream().map(one -> one.object().id()).collect(Collectors.toSet());
        }

        @Override
        public CompletableFuture<Integer> run(Executor worker, YieldPoint precedence) {
            BatchRewrite rewrite = Recompression.of(metadata.topics());
            return new MergeSearch(metadata, inputs, settings)
                    .run()
                    .thenCompose(classes -> {
                        Iterator<SegmentCopies.Series> series =
                                (isWorthIt.test(classes)
                                                ? classes.stream()
                                                : Stream.<List<PlannedSegment>>empty())
                                        .map(one -> copies.series(one, rewrite, settings, worker))
                                        .iterator();
                        return new MergeAttempt(
                                        metadata,
                                        series,
                                        metrics,
                                        ranges -> CompletableFuture.completedFuture(null),
                                        () -> CompletableFuture.completedFuture(true),
                                        YieldPoint.NONE)
                                .run();
                    })
                    .thenApply(done -> {
                        if (inputs.size() == 1) {
                            checkedAt.add(inputs.getFirst().object().id());
                        }
                        leaveAloneIfSettled(done.segments());
                        return done.segments().size();
                    });
        }

        /** Without a cooldown, a merge without fewer segments would repeat forever. */
        private void leaveAloneIfSettled(List<ObjectId> written) {
            boolean ofSegments = inputs.getFirst().object().id().kind() == ObjectId.Kind.SEGMENT;
            if (ofSegments && inputs.size() > 1 && written.size() >= inputs.size()) {
                written.forEach(free::leaveAlone);
            }
        }
    }
}
