package io.millrace.compaction.merge;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.LeftAlone;
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

/** The merges that are due for this node. Owned by the metadata's loop. */
final class DueMerges {

    private final Metadata metadata;
    private final SegmentCopies copies;
    private final CompactionDuties duties;
    private final InstantSource clock;
    private final FreeObjects free;
    private final MergeMetrics metrics;
    private final BlockTime blockTime = new BlockTime();

    /** What was alone, and was merged as far as that was worth it. */
    private final LeftAlone<ObjectId> lookedAt;

    DueMerges(
            Metadata metadata,
            SegmentCopies copies,
            CompactionDuties duties,
            InstantSource clock,
            FreeObjects free,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.copies = copies;
        this.duties = duties;
        this.clock = clock;
        this.free = free;
        this.metrics = metrics;
        lookedAt = new LeftAlone<>(metadata.loop());
    }

    /**
     * The next one, if one is due.
     *
     * @param settings by which it is chosen and done
     */
    Optional<Work> next(MergeSettings settings) {
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
        List<StoredObject> blocks = MergeChoice.blocks(stored, isMine);
        long nowMs = blockTime.nowMs(blocks, clock.millis(), metadata.loop().nanoTime());
        List<StoredObject> due =
                new MergeChoice(settings)
                        .next(
                                stored,
                                isMine,
                                topicId -> RetentionClass.of(metadata.topics(), topicId),
                                nowMs);
        return due.isEmpty()
                ? lone(blocks, settings, nowMs)
                : Optional.of(new DueMerge(List.copyOf(due), classes -> true, settings));
    }

    /** A block that nothing comes to be merged with. Looked at once in a while. */
    private Optional<Work> lone(List<StoredObject> blocks, MergeSettings settings, long nowMs) {
        Optional<StoredObject> block =
                LoneBlock.due(blocks, settings.delay(), nowMs)
                        .filter(one -> !lookedAt.contains(one.object().id()));
        return block.map(one ->
                new DueMerge(
                        List.of(one),
                        classes -> LoneBlock.gains(classes, metadata.topics()),
                        settings));
    }

    private final class DueMerge implements Work {

        private final List<StoredObject> inputs;
        private final Predicate<List<List<PlannedSegment>>> isWorthIt;
        private final MergeSettings settings;

        /**
         * @param isWorthIt whether to write these segments, by retention class
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
        public CompletableFuture<Integer> run(Executor worker, Precedence precedence) {
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
                        return new Merge(
                                        metadata,
                                        series,
                                        metrics,
                                        ranges -> CompletableFuture.completedFuture(null),
                                        () -> CompletableFuture.completedFuture(true),
                                        Precedence.NONE)
                                .run();
                    })
                    .thenApply(done -> {
                        if (inputs.size() == 1) {
                            lookedAt.add(inputs.getFirst().object().id());
                        }
                        leaveAloneIfSettled(done.segments());
                        return done.segments().size();
                    });
        }

        /** As many segments as before would be merged for ever. */
        private void leaveAloneIfSettled(List<ObjectId> written) {
            boolean ofSegments = inputs.getFirst().object().id().kind() == ObjectId.Kind.SEGMENT;
            if (ofSegments && inputs.size() > 1 && written.size() >= inputs.size()) {
                written.forEach(free::leaveAlone);
            }
        }
    }
}
