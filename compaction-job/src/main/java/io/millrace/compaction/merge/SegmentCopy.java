package io.millrace.compaction.merge;

import io.millrace.metadata.Extent;
import io.millrace.metadata.command.Replacement;
import io.millrace.protocol.batch.BatchCursor;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The writing of one segment: batches are copied out of its inputs as they are, in the order in
 * which they lie in the segment, and checked on the way. What is read and what is written is held
 * in windows and parts, so memory does not grow with the segment. Owned by the executor.
 */
final class SegmentCopy {

    /**
     * A segment that is in the bucket.
     *
     * @param rows one for each range, in their order
     */
    record Copied(ObjectRef object, List<Replacement> rows) {
        Copied {
            rows = List.copyOf(rows);
        }
    }

    /** So many of the next extents are asked for before their turn comes. */
    private static final int EXTENTS_AHEAD = 32;

    private final PlannedSegment segment;
    private final StreamObjectWriter writer;
    private final Upload upload;
    private final Pace pace;
    private final Executor executor;
    private final Map<ObjectId, SequentialInput> inputs = new HashMap<>();
    private final List<Replacement> rows = new ArrayList<>();
    private final CompletableFuture<Copied> result = new CompletableFuture<>();

    /** All extents in the order in which they are copied, as far as nobody has asked for them. */
    private final Iterator<Extent> ahead;

    private int range;
    private int extent;
    private long position = -1;
    private long offset;
    private NewExtents written;
    private @Nullable ObjectRef object;

    /**
     * @param cluster the name that the keys of its objects contain
     * @param id of the segment
     * @param executor runs one task at a time
     */
    SegmentCopy(
            ObjectStore bucket,
            RecentObjects recent,
            String cluster,
            ObjectId id,
            PlannedSegment segment,
            MergeSettings settings,
            Pace pace,
            Executor executor) {
        this.segment = segment;
        this.pace = pace;
        this.executor = executor;
        writer = new StreamObjectWriter(id);
        upload = new Upload(bucket, id.key(cluster), settings.partBytes(), executor);
        written = new NewExtents(segment.ranges().getFirst());
        Map<ObjectId, List<Extent>> wanted = new HashMap<>();
        for (MergeRange one : segment.ranges()) {
            for (Extent part : one.extents()) {
                wanted.computeIfAbsent(part.object().id(), none -> new ArrayList<>()).add(part);
            }
        }
        int window = settings.windowBytes(wanted.size());
        wanted.forEach((object, extents) -> {
            // One partition's may lie in several objects, and not in the order of their offsets.
            extents.sort(Comparator.comparingLong(Extent::position));
            inputs.put(
                    object,
                    new SequentialInput(
                            bucket,
                            cluster,
                            object,
                            recent,
                            ReadRanges.of(extents),
                            window,
                            executor));
        });
        ahead = segment.ranges().stream().flatMap(one -> one.extents().stream()).iterator();
    }

    /**
     * Begins. Any thread.
     *
     * @return completes on the executor; fails with {@link DamagedInput} or an {@link
     *     ObjectStoreException}, and then nothing of the segment stays
     */
    CompletableFuture<Copied> start() {
        executor.execute(() -> {
            for (int i = 0; i < EXTENTS_AHEAD; i++) {
                lookAhead();
            }
            step();
        });
        return result;
    }

    /**
     * Begins to read what comes soon, so that nobody waits for a request. Not all at once: what is
     * open for long and not read is cut off.
     */
    private void lookAhead() {
        if (ahead.hasNext()) {
            input(ahead.next()).begin();
        }
    }

    private SequentialInput input(Extent from) {
        return Objects.requireNonNull(inputs.get(from.object().id()));
    }

    private void step() {
        try {
            copy();
        } catch (RuntimeException damageOrBug) {
            // Nobody would see it in a future's callback, and the merge would never end.
            fail(damageOrBug);
        }
    }

    private void copy() {
        while (true) {
            if (writer.readyBytes() > upload.partBytes()) {
                ObjectBody part = writer.take(upload.partBytes());
                goOn(
                        pace.take(part.sizeBytes())
                                .thenComposeAsync(
                                        may -> upload.part(part, () -> writer.giveBack(part)),
                                        executor),
                        this::fail);
                return;
            }
            if (range == segment.ranges().size()) {
                finish();
                return;
            }
            Extent from = segment.ranges().get(range).extents().get(extent);
            if (position < 0) {
                position = from.position();
                offset = from.baseOffset();
            }
            SequentialInput input = input(from);
            Slice batch = batch(input, from);
            if (batch == null) {
                goOn(input.more(), failure -> fail(damage(from, failure)));
                return;
            }
            add(from, batch);
        }
    }

    private @Nullable Slice batch(SequentialInput input, Extent from) {
        try {
            Slice batch = input.batch(position, end(from) - position);
            if (batch != null && !isWhole(batch)) {
                throw new IllegalArgumentException("a batch fails its checksum");
            }
            return batch;
        } catch (IllegalArgumentException notThat) {
            throw new DamagedInput(
                    from.object().id(),
                    "%s is damaged at byte %d: %s."
                            .formatted(from.object().id(), position, notThat.getMessage()),
                    notThat);
        }
    }

    private static boolean isWhole(Slice batch) {
        BatchCursor cursor = new BatchCursor(batch.array(), batch.offset(), batch.length());
        return cursor.next() && cursor.crcMatches();
    }

    private void add(Extent from, Slice batch) {
        if (from.object().id().hasOffsets()) {
            offset = BatchHeader.baseOffset(batch.array(), batch.offset());
        }
        long next = offset + BatchHeader.offsetCount(batch.array(), batch.offset());
        if (offset < from.baseOffset() || next > from.endOffset()) {
            throw new DamagedInput(
                    from.object().id(),
                    "%s has offsets %d to %d at byte %d, and should not."
                            .formatted(from.object().id(), offset, next, position),
                    null);
        }
        MergeRange of = segment.ranges().get(range);
        long at = writer.add(of.topicId(), of.partition(), offset, batch);
        long timestampMs = BatchHeader.maxTimestampMs(batch.array(), batch.offset());
        written.add(offset, at, batch.length(), timestampMs);
        position += batch.length();
        offset = next;
        if (position == end(from)) {
            position = -1;
            extent++;
            lookAhead();
            if (extent == of.extents().size()) {
                endRange();
            }
        }
    }

    private void endRange() {
        rows.add(written.finish());
        extent = 0;
        range++;
        if (range < segment.ranges().size()) {
            written = new NewExtents(segment.ranges().get(range));
        }
    }

    private static long end(Extent extent) {
        return extent.position() + extent.length();
    }

    private void finish() {
        if (object == null) {
            object = writer.finish();
            step();
            return;
        }
        Copied copied = new Copied(object, rows);
        ObjectBody last = writer.take((int) writer.readyBytes());
        var unused =
                pace.take(last.sizeBytes())
                        .thenComposeAsync(may -> upload.finish(last), executor)
                        .whenComplete((done, failure) -> {
                            if (failure == null) {
                                closeInputs();
                                result.complete(copied);
                            } else {
                                fail(failure);
                            }
                        });
    }

    private void goOn(CompletableFuture<Void> when, Consumer<Throwable> otherwise) {
        var unused =
                when.whenCompleteAsync(
                        (done, failure) -> {
                            if (failure == null) {
                                step();
                            } else {
                                otherwise.accept(failure);
                            }
                        },
                        executor);
    }

    private void fail(Throwable failure) {
        Throwable cause = unwrapped(failure);
        closeInputs();
        var unused =
                upload.abandon().whenComplete((done, no) -> result.completeExceptionally(cause));
    }

    private void closeInputs() {
        executor.execute(() -> inputs.values().forEach(SequentialInput::close));
    }

    private static Throwable damage(Extent from, Throwable failure) {
        Throwable cause = unwrapped(failure);
        return cause instanceof ObjectStoreException.Missing
                        || cause instanceof ObjectStoreException.Corrupt
                ? new DamagedInput(from.object().id(), String.valueOf(cause.getMessage()), cause)
                : cause;
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
