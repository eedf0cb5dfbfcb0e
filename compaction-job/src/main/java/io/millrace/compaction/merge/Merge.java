package io.millrace.compaction.merge;

import io.millrace.compaction.merge.SegmentCopy.Copied;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Lane;
import io.millrace.metadata.ObjectsView.ExtentSearch;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.ProblemException;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One merge: finds what lies in its inputs, some partitions at a time, has the segments written one
 * after the other, and tells the log of each. Owned by the metadata's loop.
 */
final class Merge {

    /** So many partitions are looked at in one task. */
    private static final int AT_A_TIME = 2_000;

    private final Metadata metadata;
    private final Function<PlannedSegment, CompletableFuture<Copied>> copy;
    private final MergeSettings settings;
    private final MergeMetrics metrics;
    private final List<StoredObject> inputs;
    private final ExtentSearch search;
    private final Topics topics;
    private final ArrayDeque<Topic> unseen;
    private final Map<RetentionClass, List<MergeRange>> found = new LinkedHashMap<>();
    private final CompletableFuture<Integer> result = new CompletableFuture<>();
    private final ArrayDeque<PlannedSegment> segments = new ArrayDeque<>();
    private int partition;

    /**
     * @param copy writes a segment
     */
    Merge(
            Metadata metadata,
            List<StoredObject> inputs,
            Function<PlannedSegment, CompletableFuture<Copied>> copy,
            MergeSettings settings,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.inputs = List.copyOf(inputs);
        this.copy = copy;
        this.settings = settings;
        this.metrics = metrics;
        Set<ObjectId> ids =
                inputs.stream().map(one -> one.object().id()).collect(Collectors.toSet());
        search = metadata.objects().search(ids);
        topics = metadata.topics();
        unseen =
                topics.all().stream()
                        .sorted(Comparator.comparingLong(Topic::id))
                        .collect(Collectors.toCollection(ArrayDeque::new));
    }

    /** Merges; completes on the loop with the number of segments written. */
    CompletableFuture<Integer> run() {
        collect();
        return result;
    }

    private void collect() {
        int left = AT_A_TIME;
        while (left > 0 && !unseen.isEmpty()) {
            Topic topic = unseen.getFirst();
            while (left > 0 && partition < topic.partitionCount()) {
                List<MergeRange> ranges =
                        MergeRange.of(topic.id(), partition, search.of(topic.id(), partition));
                if (!ranges.isEmpty()) {
                    found.computeIfAbsent(
                                    RetentionClass.of(topics, topic.id()),
                                    none -> new ArrayList<>())
                            .addAll(ranges);
                }
                partition++;
                left--;
            }
            if (partition == topic.partitionCount()) {
                unseen.removeFirst();
                partition = 0;
            }
        }
        if (!unseen.isEmpty()) {
            metadata.loop().execute(this::collect);
            return;
        }
        plan();
    }

    private void plan() {
        for (List<MergeRange> ranges : found.values()) {
            segments.addAll(new MergePlan(settings.segmentBytes()).segments(ranges));
        }
        write(0);
    }

    private void write(int done) {
        PlannedSegment next = segments.poll();
        if (next == null) {
            result.complete(done);
            return;
        }
        var unused =
                copy.apply(next)
                        .thenCompose(copied -> commit(next, copied))
                        .whenCompleteAsync(
                                (counts, failure) -> {
                                    if (failure == null) {
                                        write(done + 1);
                                    } else {
                                        result.completeExceptionally(failure);
                                    }
                                },
                                metadata.loop());
    }

    private CompletableFuture<Void> commit(PlannedSegment segment, Copied copied) {
        Set<ObjectId> made = segment.inputs();
        return metadata.propose(
                        new Command.ExtentsReplaced(
                                copied.object(), List.copyOf(made), copied.rows()),
                        Lane.BACKGROUND)
                .thenAccept(proposal -> {
                    switch (proposal) {
                        case Proposal.Applied(Outcome.Offsets(var rows), var nanos) -> {
                            metrics.merged(made.size(), copied.object().sizeBytes());
                            metrics.superseded(
                                    rows.stream()
                                            .filter(row -> !(row instanceof CommittedRow.Counts))
                                            .count());
                        }
                        case Proposal.Applied(Outcome.Refused(var problem), var nanos) ->
                                throw new ProblemException(problem);
                        case Proposal.Applied applied ->
                                throw new IllegalStateException("a merge: " + applied.outcome());
                        case Proposal.NotApplied(var problem) ->
                                throw new ProblemException(problem);
                        case Proposal.Unknown(var problem) -> throw new ProblemException(problem);
                    }
                });
    }
}
