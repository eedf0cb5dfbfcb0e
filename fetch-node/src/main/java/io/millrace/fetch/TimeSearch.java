package io.millrace.fetch;

import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.Slice;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Searches for the first record at or after a time. Metadata select the extent and headers the
 * batch; only that batch is decoded, by the workers. Owned by the fetch node's event loop.
 */
final class TimeSearch {

    /** Steps after which other tasks of the event loop run. */
    private static final int MAX_STEPS_PER_TASK = 64;

    private final ReadPath path;
    private final OffsetLookup question;
    private final long topicId;
    private final long timestampMs;
    private final CompletableFuture<OffsetResult> result = new CompletableFuture<>();

    private @Nullable Runnable nextStep;
    private boolean inStep;
    private long logStartOffset;
    private long position;
    private long offset;
    private boolean rechecked;

    TimeSearch(ReadPath path, OffsetLookup question, long topicId, long timestampMs) {
        this.path = path;
        this.question = question;
        this.topicId = topicId;
        this.timestampMs = timestampMs;
    }

    CompletableFuture<OffsetResult> start() {
        step(() -> search(ExtentsAtTime.FROM_START));
        return result;
    }

    /**
     * Runs a step of the search. A step that begins in another step follows it, because cached
     * extents would otherwise need a stack frame each.
     */
    private void step(Runnable step) {
        nextStep = step;
        if (!inStep) {
            runSteps();
        }
    }

    private void runSteps() {
        inStep = true;
        try {
            for (int i = 0; i < MAX_STEPS_PER_TASK && nextStep != null; i++) {
                Runnable step = nextStep;
                nextStep = null;
                step.run();
            }
        } catch (Throwable unexpected) {
            nextStep = null;
            result.complete(
                    new OffsetResult.Failed(
                            ReadProblems.unexpected(
                                    question.topic(), question.partition(), offset, unexpected)));
        } finally {
            inStep = false;
        }
        if (nextStep != null) {
            path.loop().execute(this::runSteps);
        }
    }

    /** Searches for the first extent, from an offset on, that may hold the record. */
    private void search(long from) {
        switch (PartitionLookup.of(
                path.metadata(), question.topic(), question.partition(), topicId)) {
            case PartitionLookup.NotReadable(var problem) ->
                    result.complete(new OffsetResult.Failed(problem));
            case PartitionLookup.ReadableLog(long id, PartitionLog log) -> {
                ExtentsAtTime extents = new ExtentsAtTime(log, timestampMs);
                Optional<OffloadedRange> row = extents.offloadedRange(from);
                if (row.isPresent()) {
                    load(row.get(), from);
                    return;
                }
                Optional<Extent> candidate = extents.inMemory(from);
                if (candidate.isEmpty()) {
                    result.complete(new OffsetResult.Found(log.highWatermark(), -1));
                    return;
                }
                begin(candidate.get(), log);
            }
        }
    }

    private void begin(Extent found, PartitionLog log) {
        logStartOffset = log.logStartOffset();
        position = found.position();
        offset = found.baseOffset();
        read(found, FetchSettings.PAGE_BYTES);
    }

    private void load(OffloadedRange row, long from) {
        var unused =
                path.offloadedRanges()
                        .find(row)
                        .whenComplete((extents, failure) ->
                                step(() -> {
                                    if (failure != null) {
                                        failed(row.manifest().id(), row.baseOffset(), failure);
                                    } else if (extents.isEmpty()) {
                                        search(from);
                                    } else {
                                        searchIn(row, extents, from);
                                    }
                                }));
    }

    private void searchIn(OffloadedRange row, List<Extent> extents, long from) {
        if (!(PartitionLookup.of(path.metadata(), question.topic(), question.partition(), topicId)
                instanceof PartitionLookup.ReadableLog(long id, PartitionLog log))) {
            search(from);
            return;
        }
        long min = Math.max(from, log.logStartOffset());
        for (Extent extent : extents) {
            if (extent.endOffset() > min && extent.maxTimestampMs() >= timestampMs) {
                begin(extent, log);
                return;
            }
        }
        search(row.endOffset());
    }

    private void read(Extent in, int windowBytes) {
        long rest = in.position() + in.length() - position;
        int window = (int) Math.min(rest, Math.max(windowBytes, path.settings().chunkBytes()));
        var unused =
                path.reader()
                        .read(in.object(), position, window, false)
                        .whenComplete((bytes, failure) -> step(() -> arrived(in, bytes, failure)));
    }

    private void arrived(Extent in, List<Slice> bytes, @Nullable Throwable failure) {
        try {
            if (failure != null) {
                failed(in.object().id(), offset, failure);
            } else {
                walk(in, bytes);
            }
        } catch (RuntimeException damage) {
            failed(in.object().id(), offset, damage);
        }
    }

    private void failed(ObjectId object, long at, Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        if (cause instanceof ObjectStoreException.Missing && !rechecked) {
            rechecked = true;
            var unused =
                    path.metadata()
                            .barrier()
                            .whenComplete((reached, away) ->
                                    path.loop()
                                            .runNowOrLater(() ->
                                                    step(() -> search(ExtentsAtTime.FROM_START))));
            return;
        }
        result.complete(
                new OffsetResult.Failed(
                        ReadProblems.of(
                                question.topic(), question.partition(), at, object, cause)));
    }

    private void walk(Extent in, List<Slice> bytes) {
        boolean hasOffsets = in.object().id().hasBaseOffsets();
        SliceCursor cursor = new SliceCursor(bytes, offset, hasOffsets);
        long end = in.position() + in.length();
        int window = 0;
        while (cursor.hasHeader()) {
            if (!cursor.isBatchWithin(end - position, in.endOffset())) {
                throw ReadProblems.contradicts(in.object().id(), position);
            }
            int size = (int) cursor.batchBytes();
            if (size > cursor.remaining()) {
                window = size;
                break;
            }
            boolean late = cursor.maxTimestampMs() >= timestampMs;
            if (late && cursor.endOffset() > logStartOffset) {
                BatchRun.RunPart batch =
                        new BatchRun.RunPart(cursor.baseOffset(), hasOffsets, cursor.next(size));
                decode(in, new BatchRun(List.of(batch), size, 1), cursor.endOffset());
                return;
            }
            cursor.skipBatch();
            position += size;
            offset = cursor.offset();
        }
        if (position == end) {
            step(() -> search(in.endOffset()));
        } else if (window == 0 && cursor.remaining() == end - position) {
            throw ReadProblems.contradicts(in.object().id(), position);
        } else {
            read(in, window);
        }
    }

    /** Decodes the batch at the position; the search continues after it unless a record matches. */
    private void decode(Extent in, BatchRun batch, long endOffset) {
        TimestampScan scan = new TimestampScan(timestampMs, logStartOffset);
        path.decoding()
                .find(scan, batch)
                .whenComplete((found, failure) ->
                        step(() -> {
                            if (failure != null) {
                                failed(in.object().id(), offset, failure);
                            } else if (found.isPresent()) {
                                result.complete(found.get());
                            } else {
                                position += batch.sizeBytes();
                                offset = endOffset;
                                continueIn(in);
                            }
                        }));
    }

    private void continueIn(Extent in) {
        if (position == in.position() + in.length()) {
            search(in.endOffset());
        } else {
            read(in, 0);
        }
    }
}
