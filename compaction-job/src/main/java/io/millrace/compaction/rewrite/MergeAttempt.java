package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.rewrite.SegmentCopy.CopiedSegment;
import io.millrace.compaction.rewrite.SegmentFactory.SegmentWriter;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * An execution of a job that writes planned segments in sequence and commits each to the log. Owned
 * by the metadata's event loop.
 */
public final class MergeAttempt {

    /**
     * The result of an attempt.
     *
     * @param superseded number of ranges that were rejected because their extents had changed
     * @param isWhole false if the job was cancelled
     */
    public record AttemptResult(List<ObjectId> segments, long superseded, boolean isWhole) {
        public AttemptResult {
            segments = List.copyOf(segments);
        }
    }

    private final Metadata metadata;
    private final Iterator<SegmentWriter> writers;
    private final MergeMetrics metrics;
    private final Function<List<MergeRange>, CompletableFuture<Void>> onReplaced;
    private final Supplier<CompletableFuture<Boolean>> isStillPermitted;
    private final YieldPoint yieldPoint;
    private final CompletableFuture<AttemptResult> result = new CompletableFuture<>();

    /** Inputs already counted; most inputs contribute to several segments. */
    private final Set<ObjectId> inputs = new HashSet<>();

    /**
     * @param series each series starts when its predecessor ends
     * @param done called on the event loop after each commit with the ranges replaced, or wholly
     *     deleted by retention; the next segment waits for completion
     * @param isWanted called and completed on the event loop before each commit; if false, the
     *     segment stays unreferenced and the attempt ends
     */
    public MergeAttempt(
            Metadata metadata,
            Iterator<SegmentWriter> series,
            MergeMetrics metrics,
            Function<List<MergeRange>, CompletableFuture<Void>> done,
            Supplier<CompletableFuture<Boolean>> isWanted,
            YieldPoint precedence) {
        this.metadata = metadata;
        this.writers = series;
        this.metrics = metrics;
        this.onReplaced = done;
        this.isStillPermitted = isWanted;
        this.yieldPoint = precedence;
    }

    /** Writes all segments; completes on the event loop. */
    public CompletableFuture<AttemptResult> run() {
        nextWriter(new AttemptResult(List.of(), 0, true));
        return result;
    }

    private void nextWriter(AttemptResult before) {
        try {
            if (writers.hasNext()) {
                write(writers.next(), before);
            } else {
                result.complete(before);
            }
        } catch (Throwable failure) {
            // The future of an asynchronous callback would discard the failure.
            result.completeExceptionally(failure);
        }
    }

    private void write(SegmentWriter of, AttemptResult before) {
        Optional<PlannedSegment> next = of.next();
        if (next.isEmpty()) {
            of.close();
            nextWriter(before);
            return;
        }
        var unused =
                yieldPoint
                        .yieldIfNeeded()
                        .thenComposeAsync(first -> of.write(), metadata.loop())
                        .thenComposeAsync(
                                copied ->
                                        isStillPermitted
                                                .get()
                                                .thenCompose(wanted ->
                                                        wanted
                                                                ? commit(before, next.get(), copied)
                                                                : cancelled(before)),
                                metadata.loop())
                        .whenCompleteAsync(
                                (done, failure) -> {
                                    if (failure != null) {
                                        of.close();
                                        result.completeExceptionally(failure);
                                    } else if (done.isWhole()) {
                                        write(of, done);
                                    } else {
                                        of.close();
                                        result.complete(done);
                                    }
                                },
                                metadata.loop());
    }

    private static CompletableFuture<AttemptResult> cancelled(AttemptResult before) {
        return CompletableFuture.completedFuture(
                new AttemptResult(before.segments(), before.superseded(), false));
    }

    private CompletableFuture<AttemptResult> commit(
            AttemptResult before, PlannedSegment segment, CopiedSegment copied) {
        return commit(segment, copied)
                .thenApply(superseded -> {
                    List<ObjectId> segments = new ArrayList<>(before.segments());
                    segments.add(copied.object().id());
                    return new AttemptResult(segments, before.superseded() + superseded, true);
                });
    }

    private CompletableFuture<Long> commit(PlannedSegment segment, CopiedSegment copied) {
        Set<ObjectId> made = segment.inputs();
        return metadata.propose(
                        new Command.ExtentsReplaced(
                                copied.object(), List.copyOf(made), copied.rows()),
                        Priority.BACKGROUND)
                .thenComposeAsync(
                        proposal -> {
                            if (!(proposal.acceptedOutcome() instanceof Outcome.Rows(var rows))) {
                                throw new IllegalStateException(
                                        "unexpected outcome of a merge: "
                                                + proposal.acceptedOutcome());
                            }
                            List<MergeRange> ended = new ArrayList<>();
                            long superseded = 0;
                            long gone = 0;
                            for (int i = 0; i < rows.size(); i++) {
                                switch (rows.get(i)) {
                                    case RowOutcome.Accepted counts ->
                                            ended.add(segment.ranges().get(i));
                                    case RowOutcome.Superseded other -> superseded++;
                                    case RowOutcome.Rejected rejected -> {
                                        gone++;
                                        if (rejected.reason() == Reason.OFFSET_OUT_OF_RANGE) {
                                            ended.add(segment.ranges().get(i));
                                        }
                                    }
                                }
                            }
                            int before = inputs.size();
                            inputs.addAll(made);
                            metrics.merged(inputs.size() - before, copied.object().sizeBytes());
                            metrics.superseded(superseded + gone);
                            long others = superseded;
                            return onReplaced.apply(ended).thenApply(reported -> others);
                        },
                        metadata.loop());
    }
}
