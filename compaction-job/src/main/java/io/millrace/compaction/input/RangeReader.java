package io.millrace.compaction.input;

import io.millrace.metadata.Extent;
import io.millrace.protocol.batch.BatchCursor;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.Slice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads the batches of ranges in order and verifies their checksums and offsets. Holds read windows
 * only. Owned by the executor.
 *
 * <p>A batch's checksum does not cover its base offset. If an extent lacks offsets, its pages are
 * compared with the object's index before the last batch is returned. A caller must not commit
 * earlier batches before receiving the last batch.
 */
public final class RangeReader {

    /**
     * A batch with its source.
     *
     * @param bytes valid until the next call; the base offset may be unset
     */
    public record SourceBatch(
            MergeRange range, Extent from, long baseOffset, Slice bytes, boolean lastOfRange) {

        public long endOffset() {
            return baseOffset + BatchHeader.offsetCount(bytes.array(), bytes.offset());
        }
    }

    private static final int EXTENTS_AHEAD = 32;

    private final List<MergeRange> ranges;
    private final Map<ObjectId, CheckedInput> inputs = new HashMap<>();

    /** Extents of each object that are not yet read to their end. */
    private final Map<ObjectId, Integer> extentsLeft = new HashMap<>();

    private final Iterator<Extent> ahead;

    private int range;
    private int extent;
    private long position = -1;
    private long offset;

    /** Number of the extent's offsets that are not in returned batches. */
    private long missing;

    /**
     * @param ranges sorted by topic, partition and offset
     * @param executor runs one task at a time
     */
    public RangeReader(
            ObjectStore bucket,
            RecentObjects recent,
            String cluster,
            List<MergeRange> ranges,
            MergeSettings settings,
            Executor executor) {
        this.ranges = ranges;
        Map<ObjectRef, List<Extent>> wanted = new HashMap<>();
        for (MergeRange range : ranges) {
            for (Extent part : range.extents()) {
                wanted.computeIfAbsent(part.object(), none -> new ArrayList<>()).add(part);
            }
        }
        int window = settings.windowBytes(wanted.size());
        wanted.forEach((object, extents) -> {
            // Extents in one object need not be in offset order.
            extents.sort(Comparator.comparingLong(Extent::position));
            extentsLeft.put(object.id(), extents.size());
            inputs.put(
                    object.id(),
                    new CheckedInput(bucket, cluster, object, recent, extents, window, executor));
        });
        ahead = ranges.stream().flatMap(range -> range.extents().stream()).iterator();
    }

    public void start() {
        for (int i = 0; i < EXTENTS_AHEAD; i++) {
            readAhead();
        }
    }

    /**
     * Starts the next read early, to hide its latency. Not all reads start at once, because the
     * bucket closes idle connections.
     */
    private void readAhead() {
        if (ahead.hasNext()) {
            input(ahead.next()).startLoading();
        }
    }

    private CheckedInput input(Extent from) {
        return Objects.requireNonNull(inputs.get(from.object().id()));
    }

    public boolean isAtEnd() {
        return range == ranges.size();
    }

    private Extent current() {
        return ranges.get(range).extents().get(extent);
    }

    /**
     * Returns the next batch, or null if {@link #awaitData} must complete first. Not at the end.
     *
     * @throws DamagedInput if the data does not match the metadata
     */
    @Nullable
    public SourceBatch next() {
        Extent from = current();
        if (position < 0) {
            position = from.position();
            offset = from.baseOffset();
            missing = from.offsetCount();
        }
        Slice batch = batch(from);
        if (batch == null) {
            return null;
        }
        boolean hasOffsets = from.object().id().hasBaseOffsets();
        long base = hasOffsets ? BatchHeader.baseOffset(batch.array(), batch.offset()) : offset;
        long next = base + BatchHeader.offsetCount(batch.array(), batch.offset());
        boolean ends = position + batch.length() == end(from);
        if (base < offset || next > from.endOffset() || (ends && next != from.endOffset())) {
            throw new DamagedInput(
                    from.object().id(),
                    ("Object %s is damaged: the batch with offsets %d to %d at byte %d"
                                    + " does not match the metadata.")
                            .formatted(from.object().id(), base, next, position),
                    null);
        }
        if (hasOffsets && ends && missing > next - base && !matchesIndex(from)) {
            return null;
        }
        MergeRange of = ranges.get(range);
        position += batch.length();
        offset = next;
        missing -= next - base;
        boolean last = false;
        if (ends) {
            releaseExtent(from);
            position = -1;
            extent++;
            readAhead();
            last = extent == of.extents().size();
        }
        if (last) {
            extent = 0;
            range++;
        }
        return new SourceBatch(of, from, base, batch, last);
    }

    /** Also closes an object without further extents. */
    private void releaseExtent(Extent from) {
        CheckedInput input = input(from);
        input.releaseExtent(from);
        ObjectId object = from.object().id();
        if (extentsLeft.merge(object, -1, Integer::sum) == 0) {
            input.close();
            inputs.remove(object);
        }
    }

    private @Nullable Slice batch(Extent from) {
        try {
            Slice batch = input(from).batch(position, end(from) - position);
            if (batch != null && !isIntact(batch)) {
                throw new IllegalArgumentException("checksum mismatch of a batch");
            }
            return batch;
        } catch (IllegalArgumentException notThat) {
            throw new DamagedInput(
                    from.object().id(),
                    "Object %s is damaged at byte %d: %s."
                            .formatted(from.object().id(), position, notThat.getMessage()),
                    notThat);
        }
    }

    private boolean matchesIndex(Extent from) {
        try {
            return input(from).matchesIndex(from);
        } catch (ObjectStoreException.Corrupt damaged) {
            throw damage(from.object().id(), damaged);
        }
    }

    private static boolean isIntact(Slice batch) {
        BatchCursor cursor = new BatchCursor(batch.array(), batch.offset(), batch.length());
        return cursor.next() && cursor.crcMatches();
    }

    private static long end(Extent extent) {
        return extent.position() + extent.length();
    }

    /**
     * Loads data that {@link #next} needs. Fails with {@link DamagedInput} if the object is missing
     * or damaged, with {@link UnreadInput} for any other failure of the bucket.
     */
    public CompletableFuture<Void> awaitData() {
        Extent from = current();
        return input(from)
                .awaitData()
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedFuture(damage(from, failure)));
    }

    private static Throwable damage(Extent from, Throwable failure) {
        ObjectId object = from.object().id();
        return switch (FutureFailures.unwrap(failure)) {
            case ObjectStoreException.Missing gone -> damage(object, gone);
            case ObjectStoreException.Corrupt damaged -> damage(object, damaged);
            case ObjectStoreException unread -> new UnreadInput(object, unread);
            case Throwable other -> other;
        };
    }

    private static DamagedInput damage(ObjectId object, ObjectStoreException why) {
        return new DamagedInput(object, String.valueOf(why.getMessage()), why);
    }

    public void close() {
        inputs.values().forEach(CheckedInput::close);
    }
}
