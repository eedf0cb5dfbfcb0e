package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.rewrite.SegmentCopies.Series;
import io.millrace.compaction.rewrite.SegmentCopy.Copied;
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
 * Has planned segments written one after the other, and tells the log of each. Owned by the
 * metadata's loop.
 */
public final class MergeAttempt {

    /**
     * What was done.
     *
     * @param segments that are in the log, in the order in which they were written
     * @param superseded ranges in them that do not count, as something else came there meanwhile
     * @param isWhole whether all that was planned was written; not if nobody wanted it any more
     */
    public record Done(List<ObjectId> segments, long superseded, boolean isWhole) {
        public Done {
            segments = List.copyOf(segments);
        }
    }

    private final Metadata metadata;
    private final Iterator<Series> series;
    private final MergeMetrics metrics;
    private final Function<List<MergeRange>, CompletableFuture<Void>> done;
    private final Supplier<CompletableFuture<Boolean>> isWanted;
    private final YieldPoint precedence;
    private final CompletableFuture<Done> result = new CompletableFuture<>();

    /** Those that were counted: most go into several segments. */
    private final Set<ObjectId> inputs = new HashSet<>();

    /**
     * @param series what is to be written; each begins when the one before it ends
     * @param done is told, for each segment, of the ranges that lie in it now, or that retention
     *     took as a whole meanwhile, in their order; on the loop, and waited for
     * @param isWanted is asked on the loop before the log is told of a segment, and completes on
     *     it; if that is not wanted any more, nothing names the segment, and no other is written
     * @param precedence is given before each segment
     */
    public MergeAttempt(
            Metadata metadata,
            Iterator<Series> series,
            MergeMetrics metrics,
            Function<List<MergeRange>, CompletableFuture<Void>> done,
            Supplier<CompletableFuture<Boolean>> isWanted,
            YieldPoint precedence) {
        this.metadata = metadata;
        this.series = series;
        this.metrics = metrics;
        this.done = done;
        this.isWanted = isWanted;
        this.precedence = precedence;
    }

    /** Writes them all; completes on the loop. */
    public CompletableFuture<Done> run() {
        begin(new Done(List.of(), 0, true));
        return result;
    }

    private void begin(Done before) {
        if (series.hasNext()) {
            write(series.next(), before);
        } else {
            result.complete(before);
        }
    }

    private void write(Series of, Done before) {
        Optional<PlannedSegment> next = of.next();
        if (next.isEmpty()) {
            of.close();
            begin(before);
            return;
        }
        var unused =
                precedence
                        .give()
                        .thenComposeAsync(first -> of.write(), metadata.loop())
                        .thenComposeAsync(
                                copied ->
                                        isWanted.get()
                                                .thenCompose(wanted ->
                                                        wanted
                                                                ? commit(before, next.get(), copied)
                                                                : ended(before)),
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

    private static CompletableFuture<Done> ended(Done before) {
        return CompletableFuture.completedFuture(
                new Done(before.segments(), before.superseded(), false));
    }

    private CompletableFuture<Done> commit(Done before, PlannedSegment segment, Copied copied) {
        return commit(segment, copied)
                .thenApply(superseded -> {
                    List<ObjectId> segments = new ArrayList<>(before.segments());
                    segments.add(copied.object().id());
                    return new Done(segments, before.superseded() + superseded, true);
                });
    }

    private CompletableFuture<Long> commit(PlannedSegment segment, Copied copied) {
        Set<ObjectId> made = segment.inputs();
        return metadata.propose(
                        new Command.ExtentsReplaced(
                                copied.object(), List.copyOf(made), copied.rows()),
                        Priority.BACKGROUND)
                .thenComposeAsync(
                        proposal -> {
                            if (!(proposal.accepted() instanceof Outcome.Rows(var rows))) {
                                throw new IllegalStateException("a merge: " + proposal.accepted());
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
                            return done.apply(ended).thenApply(reported -> others);
                        },
                        metadata.loop());
    }
}
