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
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.jspecify.annotations.Nullable;

/**
 * Searches for the first record at or after a time. Metadata select the extent and headers the
 * batch; only that batch is decoded. Owned by the fetch node's event loop.
 */
final class TimeSearch {

    private final ReadPath path;
    private final OffsetLookup question;
    private final long topicId;
    private final long timestampMs;
    private final CompletableFuture<OffsetResult> result = new CompletableFuture<>();

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
        search(Long.MIN_VALUE);
        return result;
    }

    /** Searches for the first extent, from an offset on, that may hold the record. */
    private void search(long from) {
        switch (PartitionLookup.of(
                path.metadata(), question.topic(), question.partition(), topicId)) {
            case PartitionLookup.NotReadable(var problem) ->
                    result.complete(new OffsetResult.Failed(problem));
            case PartitionLookup.ReadableLog(long id, PartitionLog log) -> {
                Optional<OffloadedRange> row = offloadedRange(log, from);
                if (row.isPresent()) {
                    load(row.get(), from);
                    return;
                }
                Optional<Extent> candidate =
                        from == Long.MIN_VALUE ? log.extentAtTime(timestampMs) : next(log, from);
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

    private Optional<OffloadedRange> offloadedRange(PartitionLog log, long from) {
        if (from == Long.MIN_VALUE) {
            return log.offloadedRangeAtTime(timestampMs);
        }
        Optional<OffloadedRange> row = log.offloadedRangeAt(Math.max(from, log.logStartOffset()));
        while (row.isPresent() && row.get().maxTimestampMs() < timestampMs) {
            row = log.offloadedRangeAt(row.get().endOffset());
        }
        return row;
    }

    private void load(OffloadedRange row, long from) {
        var unused =
                path.offloadedRanges()
                        .find(row)
                        .whenComplete((extents, failure) -> {
                            if (failure != null) {
                                failed(row.manifest().id(), row.baseOffset(), failure);
                            } else if (extents.isEmpty()) {
                                search(from);
                            } else {
                                searchIn(row, extents, from);
                            }
                        });
    }

    private void searchIn(OffloadedRange row, List<Extent> extents, long from) {
        if (!(PartitionLookup.of(path.metadata(), question.topic(), question.partition(), topicId)
                instanceof PartitionLookup.ReadableLog(long id, PartitionLog log))) {
            search(from);
            return;
        }
        long min = Math.max(from, log.logStartOffset());
        for (Extent one : extents) {
            if (one.endOffset() > min && one.maxTimestampMs() >= timestampMs) {
                begin(one, log);
                return;
            }
        }
        search(row.endOffset());
    }

    private Optional<Extent> next(PartitionLog log, long from) {
        long inMemory = log.lastOffloadedRange().map(OffloadedRange::endOffset).orElse(0L);
        long at = Math.max(Math.max(from, inMemory), log.logStartOffset());
        while (at < log.highWatermark()) {
            List<Extent> extents = log.extents(at, FetchSettings.PAGE_BYTES);
            for (Extent one : extents) {
                if (one.maxTimestampMs() >= timestampMs) {
                    return Optional.of(one);
                }
            }
            if (extents.isEmpty()) {
                break;
            }
            at = extents.getLast().endOffset();
        }
        return Optional.empty();
    }

    private void read(Extent in, int windowBytes) {
        long rest = in.position() + in.length() - position;
        int window = (int) Math.min(rest, Math.max(windowBytes, path.settings().chunkBytes()));
        var unused =
                path.reader()
                        .read(in.object(), position, window, false)
                        .whenComplete((bytes, failure) -> arrived(in, bytes, failure));
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
                                    path.loop().runNowOrLater(() -> search(Long.MIN_VALUE)));
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
                if (completeFrom(new BatchRun(List.of(batch), size, 1))) {
                    return;
                }
            }
            cursor.skipBatch();
            position += size;
            offset = cursor.offset();
        }
        if (position == end) {
            search(in.endOffset());
        } else if (window == 0 && cursor.remaining() == end - position) {
            throw ReadProblems.contradicts(in.object().id(), position);
        } else {
            read(in, window);
        }
    }

    /** Returns whether the batch holds a matching record, which completes the search. */
    private boolean completeFrom(BatchRun batch) {
        for (RecordBatch decoded :
                MemoryRecords.readableRecords(ByteBuffer.wrap(batch.toByteArray())).batches()) {
            try (CloseableIterator<Record> records =
                    decoded.streamingIterator(BufferSupplier.NO_CACHING)) {
                while (records.hasNext()) {
                    Record one = records.next();
                    if (one.timestamp() >= timestampMs && one.offset() >= logStartOffset) {
                        result.complete(new OffsetResult.Found(one.offset(), one.timestamp()));
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
