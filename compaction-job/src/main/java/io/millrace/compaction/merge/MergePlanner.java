package io.millrace.compaction.merge;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.Cooldown;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.rewrite.BatchRewrite;
import io.millrace.compaction.rewrite.CompactionJob;
import io.millrace.compaction.rewrite.InputReservations;
import io.millrace.compaction.rewrite.MergeAttempt;
import io.millrace.compaction.rewrite.PlannedSegment;
import io.millrace.compaction.rewrite.Recompression;
import io.millrace.compaction.rewrite.SegmentFactory;
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
    private final SegmentFactory segmentFactory;
    private final CompactionDuties duties;
    private final InstantSource clock;
    private final InputReservations reservations;
    private final MergeMetrics metrics;
    private final SkewTolerantClock blockClock = new SkewTolerantClock();

    private final Cooldown<ObjectId> examined;

    public MergePlanner(
            Metadata metadata,
            SegmentFactory copies,
            CompactionDuties duties,
            InstantSource clock,
            InputReservations free,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.segmentFactory = copies;
        this.duties = duties;
        this.clock = clock;
        this.reservations = free;
        this.metrics = metrics;
        examined = new Cooldown<>(metadata.loop());
    }

    /**
     * @param isInput selects the objects that may be merged
     */
    public Optional<CompactionJob> next(MergeSettings settings, Predicate<ObjectId> isInput) {
        long incarnation = metadata.incarnation();
        boolean segmentsAreMine = duties.isResponsibleForBucket(incarnation);
        Map<Long, Boolean> writers = new HashMap<>();
        Predicate<StoredObject> isMine =
                stored -> {
                    ObjectId id = stored.object().id();
                    boolean mine =
                            id.kind() == ObjectId.Kind.WAL
                                    ? writers.computeIfAbsent(
                                            id.incarnation(),
                                            writer ->
                                                    duties.isResponsibleForWriter(
                                                            incarnation, writer))
                                    : segmentsAreMine;
                    return mine && isInput.test(id) && reservations.isFree(id);
                };
        List<StoredObject> stored = metadata.objects().referencedObjects();
        List<StoredObject> blocks = MergePolicy.blocks(stored, isMine);
        long nowMs = blockClock.nowMs(blocks, clock.millis(), metadata.loop().nanoTime());
        List<StoredObject> due =
                new MergePolicy(settings)
                        .next(
                                stored,
                                isMine,
                                topicId -> RetentionClass.of(metadata.topics(), topicId),
                                nowMs);
        return due.isEmpty()
                ? singleBlock(blocks, settings, nowMs)
                : Optional.of(new MergeJob(List.copyOf(due), classes -> true, settings));
    }

    /** Examines each block once per cooldown. */
    private Optional<CompactionJob> singleBlock(
            List<StoredObject> blocks, MergeSettings settings, long nowMs) {
        Optional<StoredObject> block =
                SingleBlockMerge.due(blocks, settings.delay(), nowMs)
                        .filter(candidate -> !examined.contains(candidate.object().id()));
        return block.map(candidate ->
                new MergeJob(
                        List.of(candidate),
                        classes -> SingleBlockMerge.isUseful(classes, metadata.topics()),
                        settings));
    }

    private final class MergeJob implements CompactionJob {

        private final List<StoredObject> inputs;
        private final Predicate<List<List<PlannedSegment>>> isUseful;
        private final MergeSettings settings;

        /**
         * @param isWorthIt decides whether to write the segments of each retention class
         */
        MergeJob(
                List<StoredObject> inputs,
                Predicate<List<List<PlannedSegment>>> isWorthIt,
                MergeSettings settings) {
            this.inputs = inputs;
            this.isUseful = isWorthIt;
            this.settings = settings;
        }

        @Override
        public Set<ObjectId> inputs() {
            return inputs.stream().map(input -> input.object().id()).collect(Collectors.toSet());
        }

        @Override
        public CompletableFuture<Integer> run(Executor worker, YieldPoint precedence) {
            BatchRewrite rewrite = Recompression.of(metadata.topics());
            return new MergeSearch(metadata, inputs, settings)
                    .run()
                    .thenCompose(classes -> {
                        Iterator<SegmentFactory.SegmentWriter> series =
                                (isUseful.test(classes)
                                                ? classes.stream()
                                                : Stream.<List<PlannedSegment>>empty())
                                        .map(candidate ->
                                                segmentFactory.writer(
                                                        candidate, rewrite, settings, worker))
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
                            examined.start(inputs.getFirst().object().id());
                        }
                        startCooldownIfNotReduced(done.segments());
                        return done.segments().size();
                    });
        }

        /** Without a cooldown, a merge without fewer segments would repeat forever. */
        private void startCooldownIfNotReduced(List<ObjectId> written) {
            boolean ofSegments = inputs.getFirst().object().id().kind() == ObjectId.Kind.SEGMENT;
            if (ofSegments && inputs.size() > 1 && written.size() >= inputs.size()) {
                written.forEach(reservations::startCooldown);
            }
        }
    }
}
