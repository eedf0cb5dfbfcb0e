package io.millrace.compaction.merge;

import io.millrace.compaction.merge.SegmentCopy.Copied;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Lane;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Has planned segments written one after the other, and tells the log of each. Owned by the
 * metadata's loop.
 */
final class Merge {

    /**
     * What was done.
     *
     * @param segments that are in the log
     * @param superseded ranges in them that do not count: something else came there meanwhile
     */
    record Done(int segments, long superseded) {}

    private final Metadata metadata;
    private final ArrayDeque<PlannedSegment> segments;
    private final Function<PlannedSegment, CompletableFuture<Copied>> copy;
    private final MergeMetrics metrics;
    private final CompletableFuture<Done> result = new CompletableFuture<>();

    /**
     * @param copy writes a segment
     */
    Merge(
            Metadata metadata,
            List<PlannedSegment> segments,
            Function<PlannedSegment, CompletableFuture<Copied>> copy,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.segments = new ArrayDeque<>(segments);
        this.copy = copy;
        this.metrics = metrics;
    }

    /** Writes them all; completes on the loop. */
    CompletableFuture<Done> run() {
        write(new Done(0, 0));
        return result;
    }

    private void write(Done before) {
        PlannedSegment next = segments.poll();
        if (next == null) {
            result.complete(before);
            return;
        }
        var unused =
                copy.apply(next)
                        .thenCompose(copied -> commit(next, copied))
                        .whenCompleteAsync(
                                (superseded, failure) -> {
                                    if (failure == null) {
                                        write(
                                                new Done(
                                                        before.segments() + 1,
                                                        before.superseded() + superseded));
                                    } else {
                                        result.completeExceptionally(failure);
                                    }
                                },
                                metadata.loop());
    }

    private CompletableFuture<Long> commit(PlannedSegment segment, Copied copied) {
        Set<ObjectId> made = segment.inputs();
        return metadata.propose(
                        new Command.ExtentsReplaced(
                                copied.object(), List.copyOf(made), copied.rows()),
                        Lane.BACKGROUND)
                .thenApply(proposal -> {
                    if (!(proposal.accepted() instanceof Outcome.Offsets(var rows))) {
                        throw new IllegalStateException("a merge: " + proposal.accepted());
                    }
                    long superseded =
                            rows.stream()
                                    .filter(row -> !(row instanceof CommittedRow.Counts))
                                    .count();
                    metrics.merged(made.size(), copied.object().sizeBytes());
                    metrics.superseded(superseded);
                    return superseded;
                });
    }
}
