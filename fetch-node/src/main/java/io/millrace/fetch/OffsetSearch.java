package io.millrace.fetch;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Finds offsets by position or time. Owned by the fetch node's event loop. */
final class OffsetSearch {

    private final ReadPath path;

    OffsetSearch(ReadPath path) {
        this.path = path;
    }

    CompletableFuture<List<OffsetResult>> find(List<OffsetLookup> questions) {
        CompletableFuture<List<OffsetResult>> result = new CompletableFuture<>();
        if (questions.stream().allMatch(this::needsNoBarrier)) {
            find(questions, null, result);
            return result;
        }
        var unused =
                path.metadata()
                        .barrier()
                        .whenComplete((reached, failure) ->
                                path.loop()
                                        .runNowOrLater(() ->
                                                find(
                                                        questions,
                                                        BarrierFailures.problem(failure),
                                                        result)));
        return result;
    }

    /** Returns whether the local metadata suffices. Only the end of the log may be stale. */
    private boolean needsNoBarrier(OffsetLookup question) {
        if (!(lookup(question) instanceof PartitionLookup.ReadableLog(long id, PartitionLog log))) {
            return false;
        }
        return switch (question.at()) {
            case OffsetLookup.LookupPosition.Earliest earliest -> true;
            case OffsetLookup.LookupPosition.Latest latest -> false;
            case OffsetLookup.LookupPosition.MaxTimestamp max -> false;
            case OffsetLookup.LookupPosition.Time(long timestampMs) ->
                    log.offloadedRangeAtTime(timestampMs)
                                    .filter(row -> row.baseOffset() >= log.logStartOffset())
                                    .isPresent()
                            || log.extentAtTime(timestampMs).isPresent();
        };
    }

    private PartitionLookup lookup(OffsetLookup question) {
        return PartitionLookup.of(
                path.metadata(), question.topic(), question.partition(), PartitionLookup.ANY_TOPIC);
    }

    private void find(
            List<OffsetLookup> questions,
            @Nullable Problem noBarrier,
            CompletableFuture<List<OffsetResult>> result) {
        List<CompletableFuture<OffsetResult>> answers = new ArrayList<>(questions.size());
        for (OffsetLookup question : questions) {
            answers.add(
                    noBarrier != null && !needsNoBarrier(question)
                            ? now(new OffsetResult.Failed(noBarrier))
                            : find(question));
        }
        var unused =
                CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                        .whenComplete((all, failure) -> {
                            if (failure == null) {
                                result.complete(
                                        answers.stream().map(CompletableFuture::join).toList());
                            } else {
                                result.completeExceptionally(failure);
                            }
                        });
    }

    private CompletableFuture<OffsetResult> find(OffsetLookup question) {
        return switch (lookup(question)) {
            case PartitionLookup.NotReadable(Problem problem) ->
                    now(new OffsetResult.Failed(problem));
            case PartitionLookup.ReadableLog(long topicId, PartitionLog log) ->
                    switch (question.at()) {
                        case OffsetLookup.LookupPosition.Earliest earliest ->
                                now(new OffsetResult.Found(log.logStartOffset(), -1));
                        case OffsetLookup.LookupPosition.Latest latest ->
                                now(new OffsetResult.Found(log.highWatermark(), -1));
                        case OffsetLookup.LookupPosition.MaxTimestamp max ->
                                log.maxTimestampMs().isEmpty()
                                        ? now(new OffsetResult.Found(log.highWatermark(), -1))
                                        : new TimeSearch(
                                                        path,
                                                        question,
                                                        topicId,
                                                        log.maxTimestampMs().getAsLong())
                                                .start();
                        case OffsetLookup.LookupPosition.Time(long timestampMs) ->
                                new TimeSearch(path, question, topicId, timestampMs).start();
                    };
        };
    }

    private static CompletableFuture<OffsetResult> now(OffsetResult result) {
        return CompletableFuture.completedFuture(result);
    }
}
