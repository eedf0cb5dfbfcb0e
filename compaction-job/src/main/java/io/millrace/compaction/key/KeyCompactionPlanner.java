package io.millrace.compaction.key;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.VerifiedClock;
import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.RangeReader;
import io.millrace.compaction.key.RoundRobinSchedule.PartitionSpan;
import io.millrace.compaction.rewrite.BatchRewrite;
import io.millrace.compaction.rewrite.CompactionJob;
import io.millrace.compaction.rewrite.InputReservations;
import io.millrace.compaction.rewrite.MergeAttempt;
import io.millrace.compaction.rewrite.MergePlan;
import io.millrace.compaction.rewrite.PlannedSegment;
import io.millrace.compaction.rewrite.Recompression;
import io.millrace.compaction.rewrite.SegmentFactory;
import io.millrace.compaction.rewrite.YieldPoint;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.metadata.Extent;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.CleanedTo;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.storage.stream.ObjectId;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/**
 * Plans the key compaction runs of this node. Progress is reported after each segment, so the next
 * run continues there after an abort. Owned by the metadata's event loop.
 */
public final class KeyCompactionPlanner {

    private final Metadata metadata;
    private final SegmentFactory segmentFactory;
    private final CompactionDuties duties;
    private final VerifiedClock clock;
    private final MergeSettings settings;
    private final InputReservations reservations;
    private final MergeMetrics metrics;

    private final RoundRobinSchedule schedule;

    public KeyCompactionPlanner(
            Metadata metadata,
            SegmentFactory copies,
            CompactionDuties duties,
            VerifiedClock clock,
            MergeSettings settings,
            InputReservations free,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.segmentFactory = copies;
        this.duties = duties;
        this.clock = clock;
        this.settings = settings;
        this.reservations = free;
        this.metrics = metrics;
        schedule = new RoundRobinSchedule(metadata.incarnation());
    }

    public Optional<CompactionJob> next() {
        if (!duties.isResponsibleForBucket(metadata.incarnation())) {
            return Optional.empty();
        }
        for (PartitionSpan span : schedule.inOrder(compacted())) {
            List<KeyCompactionSpec.DirtyPartition> due = due(span);
            if (!due.isEmpty()) {
                schedule.served(span.topic(), due.getLast().partition());
                KeyCompactionSpec pass = new KeyCompactionSpec(span.topic().id(), due);
                return Optional.of(new KeyCompactionJob(pass, span.topic().settings()));
            }
        }
        return Optional.empty();
    }

    private List<Topic> compacted() {
        return metadata.topics().all().stream()
                .filter(candidate -> candidate.settings().compacted())
                .toList();
    }

    private List<KeyCompactionSpec.DirtyPartition> due(PartitionSpan span) {
        KeyCompactionLimits room =
                new KeyCompactionLimits(
                        KeyOffsetTable.capacity(settings.keyBytes()), settings.maxInputs());
        long nowMs = clock.unverified().millis();
        for (int i = span.from(); i < span.to(); i++) {
            Optional<KeyCompactionSpec.DirtyPartition> part = due(span.topic(), i, nowMs);
            if (part.isPresent() && !room.add(part.get())) {
                break;
            }
        }
        return room.selected();
    }

    private Optional<KeyCompactionSpec.DirtyPartition> due(Topic topic, int partition, long nowMs) {
        TopicSettings wanted = topic.settings();
        return metadata.view()
                .partition(topic.id(), partition)
                // Extents offloaded before the topic was compacted are reloaded first.
                .filter(log -> log.lastOffloadedRange().isEmpty())
                .flatMap(log ->
                        KeyCompactionPolicy.due(
                                partition,
                                log,
                                metadata.objects().cleanedTo(topic.id(), partition),
                                wanted.minCleanableDirtyRatio(),
                                wanted.minCompactionLagMs(),
                                reservations::status,
                                nowMs));
    }

    private final class KeyCompactionJob implements CompactionJob {

        private final KeyCompactionSpec spec;
        private final TopicSettings topic;
        private final MergeSettings writeSettings = settings.withKeyTable();
        private final KeyOffsetTable keys;

        private final Map<Integer, Long> cleanedTo = new HashMap<>();

        KeyCompactionJob(KeyCompactionSpec pass, TopicSettings topic) {
            this.spec = pass;
            this.topic = topic;
            pass.parts().forEach(part -> cleanedTo.put(part.partition(), part.cleanedTo()));
            long records =
                    pass.parts().stream()
                            .mapToLong(part -> part.endOffset() - part.cleanedTo())
                            .sum();
            keys =
                    new KeyOffsetTable(
                            (int) Math.min(records, KeyOffsetTable.capacity(settings.keyBytes())));
        }

        @Override
        public Set<ObjectId> inputs() {
            return spec.parts().stream()
                    .flatMap(part -> part.extents().stream())
                    .map(extent -> extent.object().id())
                    .collect(Collectors.toSet());
        }

        @Override
        public CompletableFuture<Integer> run(Executor worker, YieldPoint precedence) {
            return clock.verified()
                    .thenCompose(time -> {
                        if (time.isEmpty() && topic.minCompactionLagMs() > 0) {
                            inputs().forEach(reservations::startCooldown);
                            return CompletableFuture.completedFuture(0);
                        }
                        return run(time, worker, precedence);
                    });
        }

        private CompletableFuture<Integer> run(
                Optional<InstantSource> time, Executor worker, YieldPoint precedence) {
            List<MergeRange> toRead = new ArrayList<>();
            for (KeyCompactionSpec.DirtyPartition part : spec.parts()) {
                toRead.addAll(
                        ranges(part.partition(), part.extentsToRead(reservations::isSuspect)));
            }
            RangeReader reader = segmentFactory.reader(toRead, writeSettings, worker);
            return new KeyOffsetScan(reader, cleanedTo, keys, precedence, worker)
                    .start()
                    .thenComposeAsync(
                            upTo -> write(upTo, time, worker, precedence), metadata.loop());
        }

        private List<MergeRange> ranges(int partition, List<Extent> extents) {
            return MergeRange.of(spec.topicId(), partition, extents);
        }

        private CompletableFuture<Integer> write(
                Map<Integer, Long> upTo,
                Optional<InstantSource> time,
                Executor worker,
                YieldPoint precedence) {
            List<MergeRange> changed = new ArrayList<>();
            for (KeyCompactionSpec.DirtyPartition part : spec.parts()) {
                Long known = upTo.get(part.partition());
                if (known != null) {
                    changed.addAll(
                            ranges(
                                    part.partition(),
                                    part.extents().stream()
                                            .filter(candidate -> candidate.baseOffset() < known)
                                            .toList()));
                }
            }
            BatchRewrite filter =
                    new KeyFilter(
                            keys,
                            upTo,
                            cleanedTo,
                            topic.segmentCompression().map(Recompression::compression),
                            time,
                            topic.deleteRetentionMs());
            CleanedOffsetTracker reach = new CleanedOffsetTracker(spec, upTo);
            List<PlannedSegment> segments =
                    new MergePlan(writeSettings.segmentBytes()).segments(changed);
            return new MergeAttempt(
                            metadata,
                            List.of(segmentFactory.writer(segments, filter, writeSettings, worker))
                                    .iterator(),
                            metrics,
                            ranges -> report(reach.advance(ranges)),
                            this::isStillPermitted,
                            precedence)
                    .run()
                    .thenApply(done -> {
                        end(done);
                        return done.segments().size();
                    });
        }

        /** Returns whether the settings still permit all removals, which are final. */
        private CompletableFuture<Boolean> isStillPermitted() {
            return metadata.barrier()
                    .thenApplyAsync(
                            reached ->
                                    metadata.topics()
                                            .withId(spec.topicId())
                                            .map(Topic::settings)
                                            .filter(this::permitsSameRemovals)
                                            .isPresent(),
                            metadata.loop());
        }

        private boolean permitsSameRemovals(TopicSettings now) {
            return now.compacted()
                    && now.minCompactionLagMs() <= topic.minCompactionLagMs()
                    && now.deleteRetentionMs() <= topic.deleteRetentionMs();
        }

        private CompletableFuture<Void> report(List<CleanedTo> rows) {
            if (rows.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            return metadata.propose(
                            new Command.KeysCompacted(spec.topicId(), rows), Priority.BACKGROUND)
                    .thenAccept(proposal -> {
                        var unused = proposal.acceptedOutcome();
                    });
        }

        private void end(MergeAttempt.AttemptResult done) {
            if (!done.isWhole()) {
                return;
            }
            if (done.superseded() > 0) {
                // The conflicting rewrite may be repeated: wait for a cooldown.
                inputs().forEach(reservations::startCooldown);
                return;
            }
            metrics.keyCompacted();
        }
    }
}
