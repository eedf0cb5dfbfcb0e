package io.millrace.compaction.merge;

import io.millrace.compaction.CompactionDuties;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.state.FeatureLevels;
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
import java.util.stream.Collectors;

/** The merges that are due for this node. Owned by the metadata's loop. */
final class DueMerges {

    private final Metadata metadata;
    private final SegmentCopies copies;
    private final CompactionDuties duties;
    private final InstantSource clock;
    private final MergeSettings settings;
    private final FreeObjects free;
    private final MergeMetrics metrics;
    private final MergeChoice choice;

    DueMerges(
            Metadata metadata,
            SegmentCopies copies,
            CompactionDuties duties,
            InstantSource clock,
            MergeSettings settings,
            FreeObjects free,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.copies = copies;
        this.duties = duties;
        this.clock = clock;
        this.settings = settings;
        this.free = free;
        this.metrics = metrics;
        choice = new MergeChoice(settings);
    }

    /** The next one, if one is due. */
    Optional<Work> next() {
        if (metadata.featureLevel() < FeatureLevels.MERGES) {
            return Optional.empty();
        }
        long incarnation = metadata.incarnation();
        boolean segmentsAreMine = duties.isDutyOfBucket(incarnation);
        Map<Long, Boolean> writers = new HashMap<>();
        List<StoredObject> due =
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
                            return mine && free.isFree(id);
                        },
                        topicId -> RetentionClass.of(metadata.topics(), topicId),
                        clock.millis());
        return due.isEmpty() ? Optional.empty() : Optional.of(new DueMerge(List.copyOf(due)));
    }

    private final class DueMerge implements Work {

        private final List<StoredObject> inputs;

        DueMerge(List<StoredObject> inputs) {
            this.inputs = inputs;
        }

        @Override
        public Set<ObjectId> inputs() {
            return inputs.stream().map(one -> one.object().id()).collect(Collectors.toSet());
        }

        @Override
        public CompletableFuture<Integer> run(Executor worker) {
            BatchRewrite rewrite = Recompression.of(metadata.topics());
            return new MergeSearch(metadata, inputs, settings)
                    .run()
                    .thenCompose(classes -> {
                        Iterator<SegmentCopies.Series> series =
                                classes.stream()
                                        .map(one -> copies.series(one, rewrite, settings, worker))
                                        .iterator();
                        return new Merge(metadata, series, metrics).run();
                    })
                    .thenApply(done -> {
                        leaveAloneIfSettled(done.segments());
                        return done.segments();
                    });
        }

        /** As many segments as before would be merged for ever. */
        private void leaveAloneIfSettled(int written) {
            boolean ofSegments = inputs.getFirst().object().id().kind() == ObjectId.Kind.SEGMENT;
            if (ofSegments && inputs.size() > 1 && written >= inputs.size()) {
                inputs.forEach(one -> free.leaveAlone(one.object().id()));
            }
        }
    }
}
