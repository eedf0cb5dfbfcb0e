package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.DamagedInput;
import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.RangeReader;
import io.millrace.compaction.input.UnreadInput;
import io.millrace.compaction.input.WriteMemory;
import io.millrace.compaction.throttle.MergeRateLimiter;
import io.millrace.metadata.command.Replacement;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Copies batches from the inputs into one segment, unchanged or rewritten. Uploads the segment in
 * parts, so memory does not depend on its size. Owned by the executor.
 */
final class SegmentCopy {

    /**
     * @param rows in the order of the ranges
     */
    record CopiedSegment(ObjectRef object, List<Replacement> rows) {
        CopiedSegment {
            rows = List.copyOf(rows);
        }
    }

    private final PlannedSegment segment;
    private final RangeReader reader;
    private final BatchRewrite rewrite;
    private final StreamObjectWriter writer;
    private final SegmentUpload upload;
    private final MergeRateLimiter rateLimiter;
    private final long aheadBytes;
    private final Executor executor;
    private final List<Replacement> rows = new ArrayList<>();
    private final CompletableFuture<CopiedSegment> result = new CompletableFuture<>();

    private NewExtents written;
    private @Nullable ObjectRef object;

    /**
     * @param reader reader positioned at the segment's first range; closed by its owner
     * @param executor runs one task at a time
     */
    SegmentCopy(
            ObjectStore bucket,
            String cluster,
            ObjectId id,
            PlannedSegment segment,
            RangeReader reader,
            BatchRewrite rewrite,
            MergeSettings settings,
            MergeRateLimiter pace,
            Executor executor) {
        this.segment = segment;
        this.reader = reader;
        this.rewrite = rewrite;
        this.rateLimiter = pace;
        this.executor = executor;
        WriteMemory memory = WriteMemory.of(settings.writeBytes(), bucket.uploads().minPartBytes());
        aheadBytes = memory.aheadBytes();
        writer = new StreamObjectWriter(id, memory.pieceBytes());
        upload = new SegmentUpload(bucket, id.key(cluster), memory.partBytes(), executor);
        written = new NewExtents(segment.ranges().getFirst());
    }

    /**
     * Starts the copy and completes on the executor. Fails with {@link DamagedInput}, {@link
     * UnreadInput} or an {@link ObjectStoreException}, after aborting the upload. Any thread.
     */
    CompletableFuture<CopiedSegment> start() {
        new StepLoop(executor, this::step, this::fail).start();
        return result;
    }

    private Optional<CompletableFuture<Void>> step() {
        while (true) {
            if (writer.readyBytes() > upload.partBytes()) {
                ObjectBody part = writer.take(upload.partBytes());
                return Optional.of(
                        rateLimiter
                                .acquire(part.sizeBytes())
                                .thenComposeAsync(
                                        may -> upload.uploadPart(part, () -> writer.release(part)),
                                        executor));
            }
            if (writer.readyBytes() > aheadBytes && upload.isBusy()) {
                return Optional.of(upload.whenIdle());
            }
            if (rows.size() == segment.ranges().size()) {
                if (object != null) {
                    finish(object);
                    return Optional.empty();
                }
                object = writer.finish();
            } else {
                RangeReader.SourceBatch batch = reader.next();
                if (batch == null) {
                    return Optional.of(reader.awaitData());
                }
                add(batch);
            }
        }
    }

    private void add(RangeReader.SourceBatch batch) {
        Slice bytes = rewrite.rewrite(batch);
        // The last batch is kept even if empty: extents must reach the end of the range.
        if (BatchHeader.recordCount(bytes.array(), bytes.offset()) > 0 || batch.lastOfRange()) {
            MergeRange of = batch.range();
            long at = writer.add(of.topicId(), of.partition(), batch.baseOffset(), bytes);
            long ownMs = BatchHeader.maxTimestampMs(bytes.array(), bytes.offset());
            // Records without a timestamp inherit that of the source extent.
            long timestampMs =
                    ownMs == BatchHeader.NO_TIMESTAMP ? batch.from().maxTimestampMs() : ownMs;
            written.add(batch.endOffset(), at, bytes.length(), timestampMs);
        }
        if (batch.lastOfRange()) {
            rows.add(written.finish());
            if (rows.size() < segment.ranges().size()) {
                written = new NewExtents(segment.ranges().get(rows.size()));
            }
        }
    }

    private void finish(ObjectRef stored) {
        CopiedSegment copied = new CopiedSegment(stored, rows);
        ObjectBody last = writer.take((int) writer.readyBytes());
        var unused =
                rateLimiter
                        .acquire(last.sizeBytes())
                        .thenComposeAsync(may -> upload.finish(last), executor)
                        .whenComplete((done, failure) -> {
                            if (failure == null) {
                                result.complete(copied);
                            } else {
                                fail(failure);
                            }
                        });
    }

    private void fail(Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        var unused = upload.abort().whenComplete((done, no) -> result.completeExceptionally(cause));
    }
}
