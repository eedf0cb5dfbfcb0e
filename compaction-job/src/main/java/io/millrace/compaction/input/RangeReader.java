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
 * The batches of some ranges, one after the other, out of as many objects as they lie in. Each is
 * checked: its checksum, and that its offsets are where the metadata say. What is read is held in
 * windows, so memory does not grow with the ranges. Owned by the executor.
 *
 * <p>A batch's checksum does not cover its base offset. Where all offsets of an extent are there,
 * each follows from those before it. Where some are missing, the pages in which the extent lies are
 * compared with the object's index before its last batch is given out: whoever was given the others
 * is to do nothing final before that.
 */
public final class RangeReader {

    /**
     * A batch.
     *
     * @param from the extent in which it lies
     * @param bytes until the next call; its base offset may not be set
     * @param lastOfRange whether no other batch of its range follows
     */
    public record Found(
            MergeRange range, Extent from, long baseOffset, Slice bytes, boolean lastOfRange) {

        public long endOffset() {
            return baseOffset + BatchHeader.offsetCount(bytes.array(), bytes.offset());
        }
    }

    /** So many of the next extents are asked for before their turn comes. */
    private static final int EXTENTS_AHEAD = 32;

    private final List<MergeRange> ranges;
    private final Map<ObjectId, CheckedInput> inputs = new HashMap<>();

    /** Of each of them, how many extents are not read to their end. */
    private final Map<ObjectId, Integer> extentsLeft = new HashMap<>();

    /** All extents in the order in which they are read, as far as nobody has asked for them. */
    private final Iterator<Extent> ahead;

    private int range;
    private int extent;
    private long position = -1;
    private long offset;

    /** Of the extent's offsets, how many are not in batches that were given out. */
    private long missing;

    /**
     * @param cluster the name that the keys of its objects contain
     * @param ranges by topic, partition and offset
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
        for (MergeRange one : ranges) {
            for (Extent part : one.extents()) {
                wanted.computeIfAbsent(part.object(), none -> new ArrayList<>()).add(part);
            }
        }
        int window = settings.windowBytes(wanted.size());
        wanted.forEach((object, extents) -> {
            // One partition's may lie in several objects, and not in the order of their offsets.
            extents.sort(Comparator.comparingLong(Extent::position));
            extentsLeft.put(object.id(), extents.size());
            inputs.put(
                    object.id(),
                    new CheckedInput(bucket, cluster, object, recent, extents, window, executor));
        });
        ahead = ranges.stream().flatMap(one -> one.extents().stream()).iterator();
    }

    /** Begins to read. */
    public void begin() {
        for (int i = 0; i < EXTENTS_AHEAD; i++) {
            checkAhead();
        }
    }

    /**
     * Begins to read what comes soon, so that nobody waits for a request. Not all at once: what is
     * open for long and not read is cut off.
     */
    private void checkAhead() {
        if (ahead.hasNext()) {
            input(ahead.next()).begin();
        }
    }

    private CheckedInput input(Extent from) {
        return Objects.requireNonNull(inputs.get(from.object().id()));
    }

    /** Whether all was read. */
    public boolean isAtEnd() {
        return range == ranges.size();
    }

    private Extent current() {
        return ranges.get(range).extents().get(extent);
    }

    /**
     * The next batch. Not at the end.
     *
     * @return null if {@link #more} must come first
     * @throws DamagedInput if what is there is not what the metadata say
     */
    @Nullable
    public Found next() {
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
        boolean hasOffsets = from.object().id().hasOffsets();
        long base = hasOffsets ? BatchHeader.baseOffset(batch.array(), batch.offset()) : offset;
        long next = base + BatchHeader.offsetCount(batch.array(), batch.offset());
        if (base < offset || next > from.endOffset()) {
            throw new DamagedInput(
                    from.object().id(),
                    "%s has offsets %d to %d at byte %d, and should not."
                            .formatted(from.object().id(), base, next, position),
                    null);
        }
        boolean ends = position + batch.length() == end(from);
        if (hasOffsets && ends && missing > next - base && !isAsWritten(from)) {
            return null;
        }
        MergeRange of = ranges.get(range);
        position += batch.length();
        offset = next;
        missing -= next - base;
        boolean last = false;
        if (ends) {
            passed(from);
            position = -1;
            extent++;
            checkAhead();
            last = extent == of.extents().size();
        }
        if (last) {
            extent = 0;
            range++;
        }
        return new Found(of, from, base, batch, last);
    }

    /** An object of which nothing is left costs no memory while others are read. */
    private void passed(Extent from) {
        CheckedInput input = input(from);
        input.passed(from);
        ObjectId object = from.object().id();
        if (extentsLeft.merge(object, -1, Integer::sum) == 0) {
            input.close();
            inputs.remove(object);
        }
    }

    private @Nullable Slice batch(Extent from) {
        try {
            Slice batch = input(from).batch(position, end(from) - position);
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

    private boolean isAsWritten(Extent from) {
        try {
            return input(from).isAsWritten(from);
        } catch (ObjectStoreException.Corrupt damaged) {
            throw damage(from.object().id(), damaged);
        }
    }

    private static boolean isWhole(Slice batch) {
        BatchCursor cursor = new BatchCursor(batch.array(), batch.offset(), batch.length());
        return cursor.next() && cursor.crcMatches();
    }

    private static long end(Extent extent) {
        return extent.position() + extent.length();
    }

    /**
     * Waits for what {@link #next} lacks.
     *
     * @return fails with {@link DamagedInput} if the object is missing or damaged, with {@link
     *     UnreadInput} if the bucket says anything else
     */
    public CompletableFuture<Void> more() {
        Extent from = current();
        return input(from)
                .more()
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedFuture(damage(from, failure)));
    }

    private static Throwable damage(Extent from, Throwable failure) {
        ObjectId object = from.object().id();
        return switch (FutureFailures.of(failure)) {
            case ObjectStoreException.Missing gone -> damage(object, gone);
            case ObjectStoreException.Corrupt damaged -> damage(object, damaged);
            case ObjectStoreException unread -> new UnreadInput(object, unread);
            case Throwable other -> other;
        };
    }

    private static DamagedInput damage(ObjectId object, ObjectStoreException why) {
        return new DamagedInput(object, String.valueOf(why.getMessage()), why);
    }

    /** Nothing more is wanted. */
    public void close() {
        inputs.values().forEach(CheckedInput::close);
    }
}
